import { defineErrors } from '@qianzhi/model';

/** Of intake, deliveries, receipts and the byte store. Details name streams, seqs and counts; never a row value. */
export const exchangeErrors = defineErrors('PLATFORM', {
  STORE_FULL: {
    kind: 'unavailable',
    zh: {
      message: '写入批次存储 {folder}:磁盘空间不足({code})',
      hint: '清理或扩充该磁盘;前置机保留批次并自动重送,无需人工恢复',
    },
    en: {
      message: 'writing to the batch store {folder}: no space left ({code})',
      hint: 'free or extend that disk; agents keep their batches and send them again by themselves',
    },
  },
  STORE_HALTED: {
    kind: 'integrity',
    zh: {
      message: '批次存储 {folder} 已停止:写入 {part} 失败({code}),磁盘内容不可信',
      hint: '检查磁盘与系统日志,更换故障盘后重新启动:qianzhi platform start',
    },
    en: {
      message:
        'the batch store {folder} has halted: writing {part} failed ({code}) and the disk cannot be trusted',
      hint: 'check the disk and the system log, replace it if needed, then `qianzhi platform start`',
    },
  },
  BYTES_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '读取已存批次 {file}(偏移 {offset},长度 {length}):{problemZh}',
      hint: '未交付任何内容;请从备份恢复该文件',
    },
    en: {
      message: 'reading the stored batch in {file} (offset {offset}, length {length}): {problem}',
      hint: 'nothing of it was delivered; restore the file from a backup',
    },
  },
  DELIVERY_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '交付 {delivery} 第 {seq} 批:平台所存内容已损坏,未交付',
      hint: '有备份则由平台恢复该文件,再执行 qianzhi stream resume {resource};没有则由提供方执行 qianzhi stream resnapshot {resource} 与 qianzhi job run,再撤销(qianzhi agreement revoke {agreement} --reason 内容损坏)并重新申请(qianzhi agreement apply {resource} --matter 事项)',
    },
    en: {
      message:
        'delivery {delivery}, batch {seq}: the bytes stored at the platform are damaged; nothing of it was delivered',
      hint: 'where the platform restores the file from a backup, run `qianzhi stream resume {resource}`; else the provider runs `qianzhi stream resnapshot {resource}` and its exchange, then `qianzhi agreement revoke {agreement} --reason damaged` and `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  MANIFEST_UNREADABLE: {
    kind: 'integrity',
    zh: {
      message: '接收批次:请求头 qz-manifest 无法读取({problemZh})',
      hint: '检查网关是否删改 qz- 请求头,然后执行 qianzhi stream resume',
    },
    en: {
      message: 'taking a batch: the header qz-manifest cannot be read ({problem})',
      hint: 'see whether a gateway drops or rewrites qz- headers, then run `qianzhi stream resume`',
    },
  },
  BATCH_PATH: {
    kind: 'integrity',
    zh: {
      message: '接收批次:清单属于 {named},而请求地址为 {path}',
      hint: '批次已拒收;在前置机上检查后执行 qianzhi stream resume',
    },
    en: {
      message: 'taking a batch: its manifest is of {named}, the request of {path}',
      hint: 'the batch is refused; look at the agent, then run `qianzhi stream resume`',
    },
  },
  STREAM_OF_OTHER: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 无权写入数据流 {stream}',
      hint: '每台前置机只能写自己的数据流;核对配置后执行 qianzhi stream resume',
    },
    en: {
      message: 'agent {agent} may not write stream {stream}',
      hint: 'an agent writes its own streams only; check its config, then run `qianzhi stream resume`',
    },
  },
  DUTY_MISSING: {
    kind: 'denied',
    zh: {
      message: '前置机 {agent} 对资源 {resource} 没有生效的供数义务(未挂接,或当前架构版本未通过保密审查)',
      hint: '完成挂接(qianzhi catalog supply)与保密审查(qianzhi catalog review)后执行 qianzhi stream resume',
    },
    en: {
      message:
        'agent {agent} has no supply duty in force for {resource}: it is not ordered, or the secrecy review has not passed',
      hint: 'order the supply (`qianzhi catalog supply`) and record the review (`qianzhi catalog review`), then `qianzhi stream resume`',
    },
  },
  DUTY_DIFFERS: {
    kind: 'denied',
    zh: {
      message: '数据流 {stream} 第 {seq} 批引用的供数义务不是给该前置机和资源的',
      hint: '使前置机重新取得任务(qianzhi agent start)后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of {stream} names a supply duty that was never given for this agent and resource',
      hint: 'let the agent fetch its assignments again (`qianzhi agent start`), then run `qianzhi stream resume`',
    },
  },
  SCHEMA_UNKNOWN: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 第 {seq} 批使用未发布的架构版本 {schemaVersion}',
      hint: '发布该版本(qianzhi catalog publish)或在前置机上执行 qianzhi stream accept-schema',
    },
    en: {
      message: 'batch {seq} of {stream} is of schema version {schemaVersion}, which was never published',
      hint: 'publish it (`qianzhi catalog publish`), or run `qianzhi stream accept-schema` at the agent',
    },
  },
  KIND_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '数据流 {stream} 第 {seq} 批类型为 {batchKind},本平台版本不接收',
      hint: '改用 snapshot 或 delta 交换,然后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of {stream} is of kind {batchKind}, which this platform does not take',
      hint: 'exchange it as snapshot or delta, then run `qianzhi stream resume`',
    },
  },
  BATCH_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批已存,内容不同的同号批次已拒收',
      hint: '前置机状态可能被回退;查明原因后执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message:
        'batch {seq} of {stream} is stored already; another content under the same identity is refused',
      hint: 'the agent may have been restored to an older state; find out why, then run `qianzhi agent recover`',
    },
  },
  SEQUENCE_GAP: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream}:收到第 {seq} 批,应为第 {expected} 批',
      hint: '前置机将自第 {expected} 批起重送;若已不存,执行 qianzhi agent recover',
    },
    en: {
      message: 'stream {stream}: batch {seq} came, batch {expected} is expected',
      hint: 'the agent sends again from {expected}; if it no longer has it, run `qianzhi agent recover`',
    },
  },
  STREAM_BUSY: {
    kind: 'unavailable',
    zh: { message: '数据流 {stream} 在途批次过多', hint: '自动退避后重送' },
    en: {
      message: 'too many batches of {stream} are under way at once',
      hint: 'they are sent again by themselves',
    },
  },
  EPOCH_CLOSED: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 的纪元已关闭,当前纪元为 {open}',
      hint: '同一身份只应有一台前置机在运行;执行 qianzhi agent recover 与平台对齐',
    },
    en: {
      message: 'the epoch of {stream} is closed; epoch {open} is open',
      hint: 'one identity runs once; run `qianzhi agent recover` to join the platform again',
    },
  },
  EPOCH_UNKNOWN: {
    kind: 'conflict',
    zh: {
      message: '数据流 {stream} 的纪元尚未开启,平台所知最新纪元为 {open}',
      hint: '在前置机上执行 qianzhi agent recover,以签名记录开启新纪元',
    },
    en: {
      message: 'the epoch of {stream} was never opened; the newest the platform knows is {open}',
      hint: 'open it by a signed record: `qianzhi agent recover`',
    },
  },
  PREVIOUS_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批不接续平台所存的前一批清单',
      hint: '清单链断裂;查明原因后执行 qianzhi agent recover',
    },
    en: {
      message: 'batch {seq} of {stream} does not follow the manifest the platform holds before it',
      hint: 'the chain of manifests is broken; find out why, then run `qianzhi agent recover`',
    },
  },
  MANIFEST_SIGNER: {
    kind: 'denied',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的清单由 {owner} 签名,而不是该前置机',
      hint: '批次已拒收;核对前置机身份文件后执行 qianzhi stream resume',
    },
    en: {
      message: 'the manifest of batch {seq} of {stream} is signed by {owner}, not by its agent',
      hint: "the batch is refused; check the agent's identity file, then run `qianzhi stream resume`",
    },
  },
  BATCH_SIZE: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的 {what} 为 {found} 字节,应为 {wanted}',
      hint: '批次已拒收;检查链路是否截断内容,然后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of {stream}: {what} is {found} bytes, not {wanted}',
      hint: 'the batch is refused; see whether the line cuts content, then run `qianzhi stream resume`',
    },
  },
  BYTES_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的字节与清单摘要不符',
      hint: '内容在途中被改动,批次已拒收;检查链路后执行 qianzhi stream resume',
    },
    en: {
      message: 'the bytes of batch {seq} of {stream} do not fit the digest in its manifest',
      hint: 'they were changed on the way and are refused; check the line, then run `qianzhi stream resume`',
    },
  },
  ROWS_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批的行内容与清单所列行摘要不符',
      hint: '批次已拒收,原件请保留备查;查明后执行 qianzhi stream resume',
    },
    en: {
      message: 'the rows of batch {seq} of {stream} do not fit the rows digest in its manifest',
      hint: 'the batch is refused, keep it as evidence; then run `qianzhi stream resume`',
    },
  },
  ROWS_COUNT: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批实有 {found} 行,清单称 {declared} 行',
      hint: '批次已拒收,原件请保留备查;查明后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of {stream} holds {found} rows, its manifest says {declared}',
      hint: 'the batch is refused, keep it as evidence; then run `qianzhi stream resume`',
    },
  },
  COUNTS_UNBALANCED: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批计数不平:读取 {read} ≠ 入库 {rows} + 拒绝 {rejected}',
      hint: '批次已拒收;查明后执行 qianzhi stream resume',
    },
    en: {
      message:
        'the counts of batch {seq} of {stream} do not balance: read {read} is not rows {rows} + rejected {rejected}',
      hint: 'the batch is refused; find out why, then run `qianzhi stream resume`',
    },
  },
  OP_WRONG: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批类型为 {batchKind},却含 {count} 行不允许的操作 {ops}',
      hint: '批次已拒收;查明后执行 qianzhi stream resume',
    },
    en: {
      message: 'batch {seq} of {stream} is a {batchKind} but holds {count} rows with op {ops}',
      hint: 'the batch is refused; find out why, then run `qianzhi stream resume`',
    },
  },
  SNAPSHOT_ORDER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream} 第 {seq} 批不合快照次序:{problemZh}',
      hint: '批次已拒收;开启新纪元并重新全量:qianzhi agent recover',
    },
    en: {
      message: 'batch {seq} of {stream} breaks the order of its snapshot: {problem}',
      hint: 'the batch is refused; begin again in a new epoch with `qianzhi agent recover`',
    },
  },
  STREAM_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '平台没有数据流 {stream}', hint: '查看已有数据流:qianzhi stream list' },
    en: {
      message: 'the platform has no stream {stream}',
      hint: 'see the streams with `qianzhi stream list`',
    },
  },
  RECOVERY_WRONG: {
    kind: 'conflict',
    zh: {
      message: '不能为数据流 {stream} 开启纪元 {nextEpoch}:{problemZh}',
      hint: '重新执行 qianzhi agent recover,它会先取得平台的流头',
    },
    en: {
      message: 'epoch {nextEpoch} of {stream} cannot be opened: {problem}',
      hint: 'run `qianzhi agent recover` again; it asks for the heads of the platform first',
    },
  },
  NO_AGREEMENT: {
    kind: 'denied',
    zh: {
      message: '部门 {department} 对资源 {resource} 没有生效的协议',
      hint: '申请或订阅:qianzhi agreement apply;已有申请见 qianzhi agreement list',
    },
    en: {
      message: 'department {department} has no agreement in force on {resource}',
      hint: 'apply or subscribe with `qianzhi agreement apply`; see `qianzhi agreement list`',
    },
  },
  AGREEMENT_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '部门 {department} 对资源 {resource} 有多个生效协议:{agreements}',
      hint: '在前置机配置的该交换中写明 agreement,然后执行 qianzhi agent start',
    },
    en: {
      message: 'department {department} has several agreements in force on {resource}: {agreements}',
      hint: "name one as `agreement` of the exchange in the agent's config, then `qianzhi agent start`",
    },
  },
  GRANT_NOT_LIVE: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 不在生效状态(已撤销、到期或被新版本取代),不再交付',
      hint: '查看 qianzhi agreement list;需要时重新申请:qianzhi agreement apply',
    },
    en: {
      message:
        'agreement {agreement} is not in force (revoked, expired or replaced); nothing more is delivered',
      hint: 'see `qianzhi agreement list`; apply again with `qianzhi agreement apply` where needed',
    },
  },
  MODE_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 未授权系统对接方式(docking)',
      hint: '按协议授权的方式取数,或重新申请:qianzhi agreement apply',
    },
    en: {
      message: 'agreement {agreement} does not grant the mode docking',
      hint: 'use a mode it grants, or apply again with `qianzhi agreement apply`',
    },
  },
  DELIVERY_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '平台没有向本部门交付过 {delivery} 第 {seq} 批',
      hint: '重新轮询:qianzhi job run;查看协议:qianzhi agreement list',
    },
    en: {
      message: 'the platform has delivered no batch {seq} of {delivery} to this department',
      hint: 'poll again with `qianzhi job run`; see `qianzhi agreement list`',
    },
  },
  DELIVERY_AHEAD: {
    kind: 'unavailable',
    zh: {
      message: '交付流 {delivery}:目标台账已到第 {after} 批,平台目前只有 {head} 批',
      hint: '平台由备份恢复;待供数前置机重送其保留的批次后自动继续。若迟迟不动,撤销该协议并重新申请(qianzhi agreement apply)',
    },
    en: {
      message: 'delivery {delivery}: the ledger is at batch {after}, the platform has {head} so far',
      hint: 'the platform was restored; this goes on when the supplier has sent again what it keeps. If that does not happen, revoke the agreement and apply again (`qianzhi agreement apply`)',
    },
  },
  DELIVERY_EXPIRED: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 第 {seq} 批的内容已按保留策略清除',
      hint: '撤销并重新申请该协议(qianzhi agreement apply),即从最近的完整快照开始',
    },
    en: {
      message: 'the bytes of batch {seq} of delivery {delivery} are gone by retention',
      hint: 'revoke the agreement and apply again (`qianzhi agreement apply`): it starts at the last complete snapshot',
    },
  },
  DELIVERY_RESTARTED: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 落后超过保留上限,自第 {fromSeq} 批起改由最近完整快照继续',
      hint: '无需处理:目标库在快照应用后一致;检查消费方前置机为何落后(qianzhi job status)',
    },
    en: {
      message:
        'delivery {delivery} fell behind what is kept and goes on from the last complete snapshot at batch {fromSeq}',
      hint: 'nothing to do: the target is whole once the snapshot is applied; see why the consumer lags (`qianzhi job status`)',
    },
  },
  RECEIPT_ISSUER: {
    kind: 'denied',
    zh: {
      message: '签收 {receipt} 的签发者不是该交付流消费部门的前置机',
      hint: '签收已拒绝;核对前置机身份后执行 qianzhi stream resume',
    },
    en: {
      message: 'receipt {receipt} is not issued by an agent of the department this delivery is for',
      hint: 'it is refused; check the identity of the agent, then run `qianzhi stream resume`',
    },
  },
  RECEIPT_GAP: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 的签收从第 {seqFrom} 批开始,应从第 {expected} 批开始',
      hint: '前置机将按台账补送签收;若持续出现执行 qianzhi job retry',
    },
    en: {
      message: 'a receipt of {delivery} begins at batch {seqFrom}, {expected} is expected',
      hint: 'the agent rebuilds receipts from its ledger; if it goes on, run `qianzhi job retry`',
    },
  },
  RECEIPT_CHAIN: {
    kind: 'conflict',
    zh: {
      message: '交付流 {delivery} 的签收不接续前一签收',
      hint: '前置机将按台账重建签收链;若持续出现执行 qianzhi job retry',
    },
    en: {
      message: 'a receipt of {delivery} does not follow the receipt before it',
      hint: 'the agent rebuilds receipts from its ledger; if it goes on, run `qianzhi job retry`',
    },
  },
  RECEIPT_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '交付流 {delivery} 第 {seqFrom}–{seqTo} 批的签收与所交付内容不符:{problemZh}',
      hint: '签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume',
    },
    en: {
      message:
        'the receipt of {delivery}, batches {seqFrom} to {seqTo}, does not fit what was delivered: {problem}',
      hint: "it is refused and audited; look at the target's ledger, then run `qianzhi stream resume`",
    },
  },
  RECEIPT_UNBALANCED: {
    kind: 'integrity',
    zh: {
      message:
        '交付流 {delivery} 第 {seqFrom}–{seqTo} 批的签收计数不平:交付 {delivered} ≠ 应用 {applied} + 拒绝 {rejected}',
      hint: '签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume',
    },
    en: {
      message:
        'the receipt of {delivery}, batches {seqFrom} to {seqTo}, does not balance: delivered {delivered} is not applied {applied} + rejected {rejected}',
      hint: "it is refused and audited; look at the target's ledger, then run `qianzhi stream resume`",
    },
  },
  RECEIPT_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交付流 {delivery} 第 {seqFrom}–{seqTo} 批已有内容不同的签收',
      hint: '签收不可更改,新签收已拒绝并记入审计;核对目标库台账后执行 qianzhi stream resume',
    },
    en: {
      message: 'batches {seqFrom} to {seqTo} of {delivery} have another receipt already',
      hint: "receipts do not change; this one is refused and audited. Look at the target's ledger, then `qianzhi stream resume`",
    },
  },
});
