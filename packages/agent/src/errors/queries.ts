import { defineErrors } from '@qianzhi/model';

/** Of online queries: those this agent answers, and those it asks. Details name services, codes and counts; never a value. */
export const queryErrors = defineErrors('AGENT', {
  QUERY_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '连接器 {connector} 不能应答查询服务 {service}',
      hint: '改用能应答联机查询的连接器(postgres、mysql、sqlite、mssql、oracle、dameng),然后执行 qianzhi agent reload',
    },
    en: {
      message: 'connector {connector} cannot answer query service {service}',
      hint: 'name a connector that answers online queries (postgres, mysql, sqlite, mssql, oracle, dameng), then run `qianzhi agent reload`',
    },
  },
  QUERY_MODE_UNFIT: {
    kind: 'config',
    zh: {
      message: '方式 {mode} 不应答查询,查询服务 {service} 不能使用',
      hint: '去掉 agent.yaml 中该查询服务的 mode,然后执行 qianzhi agent reload',
    },
    en: {
      message: 'mode {mode} answers no queries, but query service {service} names it',
      hint: 'remove `mode` of that query service from agent.yaml, then run `qianzhi agent reload`',
    },
  },
  QUERY_UNASSIGNED: {
    kind: 'denied',
    zh: {
      message: '查询服务 {service}:平台没有指定本前置机供给 {resource}',
      hint: '请目录编辑员指定:qianzhi catalog supply {resource} --agent {agent},再执行 qianzhi agent sync',
    },
    en: {
      message: 'query service {service}: the platform does not order this agent to supply {resource}',
      hint: 'have it ordered with `qianzhi catalog supply {resource} --agent {agent}`, then run `qianzhi agent sync`',
    },
  },
  QUERY_ANSWER_FOREIGN: {
    kind: 'integrity',
    zh: {
      message: '平台对 {resource}/{service} 的答复({id})是对另一个查询的答复,未采用',
      hint: '重新查询(qianzhi query {resource} {service});再次出现请联系平台管理员',
    },
    en: {
      message:
        'what the platform answered to {resource}/{service} ({id}) is the answer to another question; it is not used',
      hint: 'ask again with `qianzhi query {resource} {service}`, and call the platform administrator if it stays',
    },
  },
  QUERY_REPLAYED: {
    kind: 'denied',
    zh: {
      message: '拒绝重放的查询 {id}',
      hint: '有人重放了旧请求;重新查询即可(qianzhi query),再次出现请联系平台管理员',
    },
    en: {
      message: 'query {id} was made before; it is answered once',
      hint: 'somebody replays it; ask again with `qianzhi query`, and call the platform administrator if it stays',
    },
  },
  QUERY_UNTRUSTED: {
    kind: 'denied',
    zh: {
      message: '拒绝查询 {id}:请求或所附授权的签名不是平台的({code})',
      hint: '途中有人改动;在该前置机执行 qianzhi doctor 核对平台身份,再重新查询:qianzhi query',
    },
    en: {
      message: 'query {id} is refused: it, or the grant with it, is not signed by the platform ({code})',
      hint: 'somebody changed it on its way; run `qianzhi doctor` on that agent, then ask again with `qianzhi query`',
    },
  },
  QUERY_FAILED: {
    kind: 'unavailable',
    zh: {
      message: '供数前置机 {agent} 未能查询其数据库({code})',
      hint: '请供数方在该前置机执行 qianzhi doctor;修复后重新查询:qianzhi query',
    },
    en: {
      message: 'agent {agent} of the provider could not query its database ({code})',
      hint: 'the provider runs `qianzhi doctor` on it; ask again with `qianzhi query` when it is mended',
    },
  },
  QUERY_SLOW: {
    kind: 'timeout',
    zh: {
      message: '供数前置机 {agent} 的数据库在时限内没有答复,已终止({code})',
      hint: '缩小条件后重新查询(qianzhi query);供数方可加大该查询服务的 timeoutMs',
    },
    en: {
      message: 'the database of agent {agent} did not answer in time and was stopped ({code})',
      hint: 'ask for less with `qianzhi query`; the provider may raise `timeoutMs` of the query service',
    },
  },
  QUERY_LOG_UNWRITABLE: {
    kind: 'unavailable',
    zh: {
      message: '联机查询日志 {file} 无法写入({reason}),因此不应答',
      hint: '释放空间后自动继续;磁盘故障须检查后重启前置机:qianzhi agent start',
    },
    en: {
      message: 'the log of online queries {file} cannot be written ({reason}), so nothing is answered',
      hint: 'free some space and it goes on by itself; after a fault of the disk start the agent again with `qianzhi agent start`',
    },
  },
  QUERY_LOG_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '联机查询日志 {file} 第 {line} 行与前后不连贯:被改动或删除',
      hint: '保留原件并与平台的操作记录核对:qianzhi usage list --mode online-query',
    },
    en: {
      message:
        'line {line} of the log of online queries {file} does not follow from the one before: it was changed or removed',
      hint: 'keep it as it is and compare with the platform: `qianzhi usage list --mode online-query`',
    },
  },
  TUNNEL_REFUSED: {
    kind: 'unavailable',
    zh: {
      message: '平台 {url} 没有接受查询通道({reason})',
      hint: '自动重试;网关须放行 WebSocket(Upgrade 头);查看 qianzhi agent status 与 qianzhi doctor',
    },
    en: {
      message: 'the platform at {url} did not take the connection for queries ({reason})',
      hint: 'it is tried again by itself; a gateway has to let WebSocket (header Upgrade) through; see `qianzhi agent status` and `qianzhi doctor`',
    },
  },
  AUDIT_HEAD_BACK: {
    kind: 'integrity',
    zh: {
      message:
        '平台交给前置机 {agent} 的审计链头为第 {seq} 条,与此前留存的第 {known} 条不连贯:平台曾还原,或审计被改写',
      hint: '两个链头都已留存;请审计员核对:qianzhi audit export --out 文件 --heads-out 文件 --keys-out 文件,再 qianzhi audit verify --file 文件 --heads 文件 --keys 文件',
    },
    en: {
      message:
        'the audit head that the platform gave agent {agent} is entry {seq} and does not follow the kept one, {known}: the platform was restored, or its audit rewritten',
      hint: 'both heads are kept; the auditor checks with `qianzhi audit export --out FILE --heads-out FILE --keys-out FILE`, then `qianzhi audit verify --file FILE --heads FILE --keys FILE`',
    },
  },
});
