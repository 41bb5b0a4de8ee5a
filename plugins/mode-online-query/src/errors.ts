import { defineErrors } from '@qianzhi/model';

/** Details name services, items, parameters and counts; never a value that was asked with or answered. */
export const queryModeErrors = defineErrors('QUERY', {
  NO_EXCHANGES: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 的方式为联机查询,它没有交换作业',
      hint: '把查询服务写在 agent.yaml 的 queries 中,用 qianzhi config validate 检查后执行 qianzhi agent reload',
    },
    en: {
      message: 'exchange {exchange} names mode online-query, which has no exchanges',
      hint: 'put query services under `queries` of agent.yaml, check with `qianzhi config validate`, then run `qianzhi agent reload`',
    },
  },
  PLACE_UNCLEAR: {
    kind: 'config',
    zh: {
      message: '查询服务 {service}:须且只能写明 lookup 与 statement 之一(by 只随 lookup)',
      hint: '改正 agent.yaml 的 queries,用 qianzhi config validate 检查后执行 qianzhi agent reload',
    },
    en: {
      message: 'query service {service}: give either `lookup` or `statement` (`by` goes with `lookup` only)',
      hint: 'correct `queries` in agent.yaml, check with `qianzhi config validate`, then run `qianzhi agent reload`',
    },
  },
  SERVICE_UNPUBLISHED: {
    kind: 'config',
    zh: {
      message: '目录资源 {resource} 没有查询服务 {service}(有:{known})',
      hint: '请目录编辑员发布:qianzhi catalog publish 文件;或改正 agent.yaml 后执行 qianzhi agent reload',
    },
    en: {
      message: 'resource {resource} has no query service {service} (it has: {known})',
      hint: 'have it published with `qianzhi catalog publish FILE`, or correct agent.yaml and run `qianzhi agent reload`',
    },
  },
  COLUMN_UNNAMED: {
    kind: 'config',
    zh: {
      message: '查询服务 {service}:参数 {parameter} 没有对应的列',
      hint: '在 lookup 旁写明 by: { {parameter}: 列名 },然后执行 qianzhi agent reload',
    },
    en: {
      message: 'query service {service}: parameter {parameter} has no column to be compared with',
      hint: 'name it beside `lookup`: by: { {parameter}: COLUMN }, then run `qianzhi agent reload`',
    },
  },
  REQUEST_FOREIGN: {
    kind: 'denied',
    zh: {
      message: '拒绝查询 {id}:它不是发给本前置机的这一次连接',
      hint: '有人转发或重放了旧请求;重新查询即可(qianzhi query),再次出现请联系平台管理员',
    },
    en: {
      message: 'query {id} was not made for this connection of this agent',
      hint: 'somebody passed on or replayed an old one; ask again with `qianzhi query`, and call the platform administrator if it stays',
    },
  },
  REQUEST_LATE: {
    kind: 'timeout',
    zh: {
      message: '查询 {id} 不在有效时间内({issuedAt} 至 {expiresAt})',
      hint: '核对两侧时钟(qianzhi doctor)后重新查询:qianzhi query',
    },
    en: {
      message: 'query {id} came outside of its time ({issuedAt} to {expiresAt})',
      hint: 'compare the clocks with `qianzhi doctor` and ask again with `qianzhi query`',
    },
  },
  NOT_SUPPLIED: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 未被指定供给 {resource},或未配置其查询服务 {service}',
      hint: '请目录编辑员指定(qianzhi catalog supply {resource} --agent {agent}),并在该前置机查看 qianzhi doctor',
    },
    en: {
      message:
        'agent {agent} is not ordered to supply {resource}, or does not answer its query service {service}',
      hint: 'have it ordered with `qianzhi catalog supply {resource} --agent {agent}`, and run `qianzhi doctor` there',
    },
  },
  SERVICE_DIFFERS: {
    kind: 'unavailable',
    zh: {
      message: '前置机所知的查询服务 {resource}/{service} 与平台发布的不同',
      hint: '取得新任务后自动一致,稍后重新查询;立即取:qianzhi agent sync',
    },
    en: {
      message: 'this agent knows query service {resource}/{service} otherwise than it is published',
      hint: 'it gets the new one by itself: ask again later, or at once after `qianzhi agent sync`',
    },
  },
  GRANT_UNFIT: {
    kind: 'denied',
    zh: {
      message: '拒绝查询 {id}:协议 {agreement} 第 {grantVersion} 版不允许({problem})',
      hint: '查看协议:qianzhi agreement show {agreement};需要时重新申请:qianzhi agreement apply {resource} --mode online-query --matter 事项',
    },
    en: {
      message: 'query {id} is not allowed by version {grantVersion} of agreement {agreement}: {problem}',
      hint: 'look at it with `qianzhi agreement show {agreement}`; apply anew with `qianzhi agreement apply {resource} --mode online-query --matter MATTER`',
    },
  },
  PARAMETER_WRONG: {
    kind: 'data',
    zh: {
      message: '第 {lookup} 组参数的 {parameter} 有误:{problem}',
      hint: '查看参数要求(qianzhi catalog show {resource}),改正 {parameter} 后重新查询:qianzhi query {resource} {service}',
    },
    en: {
      message: 'parameter {parameter} of set {lookup} is wrong: {problem}',
      hint: 'see what it has to be with `qianzhi catalog show {resource}` correct {parameter} and ask again: `qianzhi query {resource} {service}`',
    },
  },
});
