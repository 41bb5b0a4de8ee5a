import { defineErrors } from '@qianzhi/model';

/** Details name services, items, parameters and counts; never a value that was asked with or answered. */
export const queryErrors = defineErrors('PLATFORM', {
  QUERY_NO_AGREEMENT: {
    kind: 'denied',
    zh: {
      message: '部门 {department} 没有资源 {resource} 的联机查询授权',
      hint: '申请:qianzhi agreement apply {resource} --mode online-query --matter 事项',
    },
    en: {
      message: 'department {department} holds no agreement to query resource {resource} online',
      hint: 'apply with `qianzhi agreement apply {resource} --mode online-query --matter MATTER`',
    },
  },
  QUERY_AGREEMENT_UNCLEAR: {
    kind: 'data',
    zh: {
      message: '部门 {department} 对资源 {resource} 有多份联机查询协议:{agreements}',
      hint: '写明用哪一份(--agreement),查看:qianzhi agreement list --resource {resource}',
    },
    en: {
      message: 'department {department} holds several agreements to query {resource}: {agreements}',
      hint: 'say which by --agreement; look at them with `qianzhi agreement list --resource {resource}`',
    },
  },
  QUERY_SERVICE_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '资源 {resource} 没有查询服务 {service};有:{known}',
      hint: '查看查询服务与参数:qianzhi catalog show {resource}',
    },
    en: {
      message: 'resource {resource} has no query service {service}; it has: {known}',
      hint: 'see services and parameters with `qianzhi catalog show {resource}`',
    },
  },
  QUERY_ITEMS_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 未授权查询服务 {service} 返回的任何信息项',
      hint: '扩展申请:qianzhi agreement apply {resource} --mode online-query --item 信息项 --matter 事项 --legal-basis 依据',
    },
    en: {
      message: 'agreement {agreement} grants none of the items that query service {service} answers',
      hint: 'extend it: `qianzhi agreement apply {resource} --mode online-query --item ITEM --matter MATTER --legal-basis BASIS`',
    },
  },
  QUERY_PARAMETER_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 未以明文授权参数 {parameter} 的信息项 {item},不能作为查询条件',
      hint: '扩展申请:qianzhi agreement apply {resource} --mode online-query --item {item} --matter 事项',
    },
    en: {
      message:
        'agreement {agreement} does not grant item {item} of parameter {parameter} in clear: it can be no condition',
      hint: 'extend it: `qianzhi agreement apply {resource} --mode online-query --item {item} --matter MATTER`',
    },
  },
  QUERY_PARAMETER_WRONG: {
    kind: 'data',
    zh: {
      message: '第 {lookup} 组参数的 {parameter} 有误:{problem};应为 {shape}',
      hint: '查看参数要求(qianzhi catalog show {resource}),改正 {parameter} 后重新查询:qianzhi query {resource} {service}',
    },
    en: {
      message: 'parameter {parameter} of set {lookup} is wrong: {problem}; it is to be {shape}',
      hint: 'see what it has to be with `qianzhi catalog show {resource}`, correct {parameter} and ask again: `qianzhi query {resource} {service}`',
    },
  },
  QUERY_PROVIDER_OFFLINE: {
    kind: 'unavailable',
    zh: {
      message: '供数方 {provider} 没有在线的前置机应答 {resource}/{service}',
      hint: '稍后重新查询(qianzhi query);供数方在其前置机上执行 qianzhi agent status 与 qianzhi doctor',
    },
    en: {
      message: 'no agent of provider {provider} is online that answers {resource}/{service}',
      hint: 'ask again later with `qianzhi query`; the provider looks with `qianzhi agent status` and `qianzhi doctor` on its front-end machine',
    },
  },
  QUERY_BUSY: {
    kind: 'unavailable',
    zh: {
      message: '前置机 {agent} 正在处理 {underWay} 个查询,暂不接受更多',
      hint: '稍后重新查询:qianzhi query',
    },
    en: {
      message: 'agent {agent} is answering {underWay} queries and takes no more now',
      hint: 'ask again in a moment with `qianzhi query`',
    },
  },
  QUERY_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '查询 {resource}/{service} 在 {timeoutMs} 毫秒内没有答复,已取消',
      hint: '缩小条件,或以 --timeout 给更长时间,再执行 qianzhi query {resource} {service}',
    },
    en: {
      message: 'query {resource}/{service} had no answer within {timeoutMs} ms and was cancelled',
      hint: 'ask for less, or give it longer by --timeout, and run `qianzhi query {resource} {service}` again',
    },
  },
  QUERY_CANCELLED: {
    kind: 'cancelled',
    zh: { message: '查询 {resource}/{service} 已取消', hint: '需要时重新执行:qianzhi query' },
    en: {
      message: 'query {resource}/{service} was cancelled',
      hint: 'run `qianzhi query` again when needed',
    },
  },
  QUERY_REVOKED: {
    kind: 'denied',
    zh: {
      message: '查询进行中,协议 {agreement} 的授权已变更({change}),未返回数据',
      hint: '查看协议:qianzhi agreement show {agreement};授权已更新时重新查询:qianzhi query',
    },
    en: {
      message:
        'the grant of agreement {agreement} changed ({change}) while the query ran; nothing is answered',
      hint: 'look at it with `qianzhi agreement show {agreement}`; where it was replaced ask again with `qianzhi query`',
    },
  },
  QUERY_TUNNEL_LOST: {
    kind: 'unavailable',
    zh: {
      message: '与前置机 {agent} 的通道在答复前断开',
      hint: '通道自动恢复,稍后重新查询:qianzhi query',
    },
    en: {
      message: 'the connection to agent {agent} broke before it answered',
      hint: 'it comes back by itself; ask again in a moment with `qianzhi query`',
    },
  },
  QUERY_STATE_NONE: {
    kind: 'conflict',
    zh: {
      message: '查询服务由平台按已收到的数据答复,而资源 {resource} 还没有完整的数据',
      hint: '查看供数情况:qianzhi stream list;请供数方执行 qianzhi stream resnapshot {resource},之后重新查询(qianzhi query)',
    },
    en: {
      message:
        'the query service is answered from what the platform holds of {resource}, which has no complete copy yet',
      hint: 'see the streams with `qianzhi stream list`, have the provider run `qianzhi stream resnapshot {resource}`, then ask again with `qianzhi query`',
    },
  },
  QUERY_STATE_OTHER: {
    kind: 'conflict',
    zh: {
      message: '平台所持 {resource}(来自前置机 {agent})为旧目录版本的数据,信息项 {item} 与现行目录不同',
      hint: '请供数方执行 qianzhi stream resnapshot {resource},之后重新查询(qianzhi query)',
    },
    en: {
      message:
        'what the platform holds of {resource} from agent {agent} is of an earlier catalog version, in which item {item} differs',
      hint: 'have the provider run `qianzhi stream resnapshot {resource}`, then ask again with `qianzhi query`',
    },
  },
  QUERY_ANSWER_WRONG: {
    kind: 'integrity',
    zh: {
      message: '前置机 {agent} 对查询 {id} 的答复不可信:{problem},未返回数据',
      hint: '请供数方在该前置机执行 qianzhi doctor;确认密钥后重新查询(qianzhi query)',
    },
    en: {
      message: 'the answer of agent {agent} to query {id} cannot be trusted: {problem}; nothing is answered',
      hint: 'have the provider run `qianzhi doctor` on that agent, then ask again with `qianzhi query`',
    },
  },
});
