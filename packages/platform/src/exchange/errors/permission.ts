import { defineErrors } from '@qianzhi/model';

/** Whether a batch may come from its sender at all. */
export const permissionErrors = defineErrors('PLATFORM', {
  STREAM_OF_OTHER: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 无权写入数据流 {stream}',
      hint: '每台前置机只能写自己的数据流;核对配置后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'agent {agent} may not write stream {stream}',
      hint: 'an agent writes its own streams only; check its config, then run `qianzhi stream resume {resource}`',
    },
  },
  BATCH_PATH: {
    kind: 'integrity',
    zh: {
      message: '接收批次:清单属于 {named},而请求地址为 {path}',
      hint: '批次已拒收;在前置机上检查后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'taking a batch: its manifest is of {named}, the request of {path}',
      hint: 'the batch is refused; look at the agent, then run `qianzhi stream resume {resource}`',
    },
  },
  MANIFEST_UNREADABLE: {
    kind: 'integrity',
    zh: {
      message: '接收批次:请求头 qz-manifest 无法读取({problemZh})',
      hint: '检查网关是否删改 qz- 请求头,然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'taking a batch: the header qz-manifest cannot be read ({problem})',
      hint: 'see whether a gateway drops or rewrites qz- headers, then run `qianzhi stream resume {resource}`',
    },
  },
  MANIFEST_SIGNER: {
    kind: 'denied',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的清单由 {owner} 签名,而不是该前置机',
      hint: '批次已拒收;核对前置机身份文件后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the manifest of batch {seq} of {stream} is signed by {owner}, not by its agent',
      hint: "the batch is refused; check the agent's identity file, then run `qianzhi stream resume {resource}`",
    },
  },
  DUTY_MISSING: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 对资源 {resource} 没有生效的供数义务(未挂接,或当前架构版本未通过保密审查)',
      hint: '完成保密审查(qianzhi catalog review {resource} --result passed)与挂接(qianzhi catalog supply {resource} --agent {agent});然后在前置机上执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        'agent {agent} has no supply duty in force for {resource}: it is not ordered, or the secrecy review has not passed',
      hint: 'record the review (`qianzhi catalog review {resource} --result passed`) and order the supply (`qianzhi catalog supply {resource} --agent {agent}`), then run `qianzhi stream resume {resource}` at the agent',
    },
  },
  DUTY_DIFFERS: {
    kind: 'denied',
    zh: {
      message: '数据流 {stream} 第 {seq} 批引用的供数义务不是给该前置机和资源的',
      hint: '使前置机按最新任务继续:qianzhi stream resume {resource};若平台由备份恢复、下达该义务的记录已丢失,则开启新纪元:qianzhi agent recover --resource {resource}',
    },
    en: {
      message: 'batch {seq} of {stream} names a supply duty that was never given for this agent and resource',
      hint: 'let the agent go on with its newest assignments: `qianzhi stream resume {resource}`; where the platform was restored and the duty is lost with what came after the backup, begin a new epoch: `qianzhi agent recover --resource {resource}`',
    },
  },
  SCHEMA_UNKNOWN: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 第 {seq} 批使用未发布的架构版本 {schemaVersion}',
      hint: '发布该版本(qianzhi catalog publish 文件)后执行 qianzhi stream resume {resource},或在前置机上执行 qianzhi stream accept-schema {resource}',
    },
    en: {
      message: 'batch {seq} of {stream} is of schema version {schemaVersion}, which was never published',
      hint: 'publish it (`qianzhi catalog publish FILE`) and run `qianzhi stream resume {resource}`, or run `qianzhi stream accept-schema {resource}` at the agent',
    },
  },
  KIND_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '数据流 {stream} 第 {seq} 批类型为 {batchKind},而目录资源的内容为 {content}',
      hint: '把该交换的 strategy 改为与目录内容相符(文件用 files),然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of {stream} is of kind {batchKind}, but the catalog entry holds {content}',
      hint: 'choose a `strategy` that fits (`files` for files), then run `qianzhi stream resume {resource}`',
    },
  },
});
