import { defineErrors } from '@qianzhi/model';

/** Of the HTTP API for business systems. Details name systems, resources, items and counts; never a value or a key. */
export const apiErrors = defineErrors('AGENT', {
  API_SCOPE_WRONG: {
    kind: 'config',
    zh: {
      message: '权限 "{scope}" 不正确',
      hint: '写作 push:资源、read:资源 或 query:资源,* 为全部资源,如:qianzhi api-key create SYSTEM --scope SCOPE',
    },
    en: {
      message: 'the scope "{scope}" is none',
      hint: 'write push:RESOURCE, read:RESOURCE or query:RESOURCE, * for every resource, such as `qianzhi api-key create SYSTEM --scope SCOPE`',
    },
  },
  API_SYSTEM_WRONG: {
    kind: 'config',
    zh: {
      message: '业务系统名 "{system}" 不正确',
      hint: '用字母、数字、- _ .,最多 64 个,如:qianzhi api-key create SYSTEM --scope SCOPE',
    },
    en: {
      message: '"{system}" is no name of a business system',
      hint: 'use letters, digits, - _ and ., at most 64, such as `qianzhi api-key create SYSTEM --scope SCOPE`',
    },
  },
  API_KEY_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有编号为 {id} 的密钥', hint: '查看编号:qianzhi api-key list' },
    en: { message: 'there is no key {id}', hint: 'see them with `qianzhi api-key list`' },
  },
  API_KEY_FILE_WRONG: {
    kind: 'integrity',
    zh: {
      message: '密钥文件 {file} 已损坏',
      hint: '删除该文件,再为该业务系统新建密钥:qianzhi api-key create SYSTEM --scope SCOPE',
    },
    en: {
      message: 'the file of a key {file} is damaged',
      hint: 'remove it, then make the system a new key with `qianzhi api-key create SYSTEM --scope SCOPE`',
    },
  },
  API_UNAUTHORISED: {
    kind: 'auth',
    zh: {
      message: '没有有效的密钥',
      hint: '请求头写明 Authorization: Bearer <密钥>;在前置机上用 qianzhi api-key list 查看,或新建:qianzhi api-key create SYSTEM --scope SCOPE',
    },
    en: {
      message: 'no valid key',
      hint: 'send the header `Authorization: Bearer KEY`; on the agent see `qianzhi api-key list`, or make one with `qianzhi api-key create SYSTEM --scope SCOPE`',
    },
  },
  API_FORBIDDEN: {
    kind: 'denied',
    zh: {
      message: '该密钥没有权限 {scope}',
      hint: '在前置机上新建带此权限的密钥:qianzhi api-key create {system} --scope {scope}',
    },
    en: {
      message: 'the key does not have the scope {scope}',
      hint: 'make one that has it on the agent: `qianzhi api-key create {system} --scope {scope}`',
    },
  },
  API_RATE: {
    kind: 'unavailable',
    zh: {
      message: '请求过多,{seconds} 秒后再试',
      hint: '批量推送更省请求;上限见 agent.yaml 的 api.requestsPerMinute,改后执行 qianzhi agent start',
    },
    en: {
      message: 'too many requests; try again in {seconds} seconds',
      hint: 'a bulk takes fewer of them; the limit is `api.requestsPerMinute` of agent.yaml, then `qianzhi agent start`',
    },
  },
  API_STREAMS: {
    kind: 'unavailable',
    zh: {
      message: '打开的事件流已达上限 {limit}',
      hint: '关闭不用的事件流,或调大 agent.yaml 的 api.maxStreams 后执行 qianzhi agent start',
    },
    en: {
      message: '{limit} event streams are open, which is the limit',
      hint: 'close those nobody needs, or raise `api.maxStreams` of agent.yaml and run `qianzhi agent start`',
    },
  },
  API_REQUEST_WRONG: {
    kind: 'config',
    zh: {
      message: '请求有误:{problem}',
      hint: '按 GET /api/v1/openapi.json(或 qianzhi api openapi)改正后重发',
    },
    en: {
      message: 'the request is wrong: {problem}',
      hint: 'correct it by GET /api/v1/openapi.json (or `qianzhi api openapi`) and send it again',
    },
  },
  API_SHAPE_WRONG: {
    kind: 'data',
    zh: {
      message: '{what} 的格式不符:{where} {problem}',
      hint: '按 GET /api/v1/openapi.json(或 qianzhi api openapi)中的格式改正后重发',
    },
    en: {
      message: '{what} has a wrong shape: {where} {problem}',
      hint: 'its shape is in GET /api/v1/openapi.json (or `qianzhi api openapi`): correct it and send it again',
    },
  },
  API_ROUTE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有这个接口', hint: '接口清单:GET /api/v1/openapi.json,或 qianzhi api openapi' },
    en: { message: 'there is no such route', hint: 'see GET /api/v1/openapi.json, or `qianzhi api openapi`' },
  },
  API_TOO_LARGE: {
    kind: 'data',
    zh: {
      message: '请求过大:{problem}',
      hint: '分成几次发送;上限见 agent.yaml 的 api,改后执行 qianzhi agent start',
    },
    en: {
      message: 'the request is too large: {problem}',
      hint: 'send it in several; the limits are in `api` of agent.yaml, then `qianzhi agent start`',
    },
  },
  API_RECORD_REFUSED: {
    kind: 'data',
    zh: { message: '记录未接受:{item}:{problem}', hint: '改正该信息项后重发;目录要求见 qianzhi api openapi' },
    en: {
      message: 'the record was not taken: {item}: {problem}',
      hint: 'correct that item and send it again; what the catalog asks for: `qianzhi api openapi`',
    },
  },
  API_NOT_PUSHED: {
    kind: 'not-found',
    zh: {
      message: '本前置机没有以推送供给资源 {resource}',
      hint: '在 agent.yaml 以 type: push 的连接器供给它,并由平台指定(qianzhi catalog supply {resource} --agent AGENT);然后执行 qianzhi doctor',
    },
    en: {
      message: 'this agent does not supply {resource} by pushes',
      hint: 'supply it in agent.yaml with a connector of `type: push`, and have the platform order it (`qianzhi catalog supply {resource} --agent AGENT`); then run `qianzhi doctor`',
    },
  },
  API_PUSH_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '没有推送 {push},或其结果已不再保留',
      hint: '核对编号;保留天数见该作业的 source.keepDays,改后执行 qianzhi config validate',
    },
    en: {
      message: 'there is no push {push}, or what became of it is no longer kept',
      hint: 'look at its id; it is kept for `source.keepDays` of the exchange, then `qianzhi config validate`',
    },
  },
  API_RECORD_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有该主键的记录', hint: '核对主键;收到情况见 qianzhi stream list' },
    en: {
      message: 'there is no record of that key',
      hint: 'look at the key; see `qianzhi stream list` for what was received',
    },
  },
  API_UNPROTECTED: {
    kind: 'config',
    zh: {
      message: 'api.host {host} 不是本机回环地址,须配置 api.tls',
      hint: '写明 api.tls 的 certificate 与 key,或改用 127.0.0.1;然后执行 qianzhi config validate',
    },
    en: {
      message: '`api.host` {host} is not loopback, and there is no `api.tls`',
      hint: 'set `certificate` and `key` of `api.tls`, or listen on 127.0.0.1; then run `qianzhi config validate`',
    },
  },
  API_CERTIFICATE: {
    kind: 'config',
    zh: {
      message: '接口证书 {certificate} 或私钥 {key} 不可用:{reason}',
      hint: '核对 api.tls 的两个文件及其权限,再执行 qianzhi doctor',
    },
    en: {
      message: 'certificate {certificate} or key {key} of the API cannot be used: {reason}',
      hint: 'look at both files of `api.tls` and their permissions, then run `qianzhi doctor`',
    },
  },
  API_PORT: {
    kind: 'unavailable',
    zh: {
      message: '接口无法监听 {host}:{port}({reason})',
      hint: '换一个 api.port,或停止占用者;再执行 qianzhi agent start',
    },
    en: {
      message: 'the API cannot listen on {host}:{port} ({reason})',
      hint: 'choose another `api.port`, or stop who uses it; then run `qianzhi agent start`',
    },
  },
  API_NOT_CONFIGURED: {
    kind: 'config',
    zh: {
      message: 'agent.yaml 中没有 api,业务系统接口未开启',
      hint: '写明 api: { port: 8320 } 后执行 qianzhi agent start',
    },
    en: {
      message: 'there is no `api` in agent.yaml: the API for business systems is off',
      hint: 'set `api: { port: 8320 }`, then run `qianzhi agent start`',
    },
  },
  API_FAILED: {
    kind: 'internal',
    zh: {
      message: '处理请求时出错',
      hint: '查看前置机日志后重发(同一 Idempotency-Key);仍出现请执行 qianzhi doctor',
    },
    en: {
      message: 'the request failed inside',
      hint: 'see the agent’s log, then repeat it with the same Idempotency-Key; if it stays run `qianzhi doctor`',
    },
  },
});
