import { defineErrors } from '@qianzhi/model';

/** Rows on their way out: reading, sealing, sending, receipts, heads. */
export const outgoingErrors = defineErrors('ENGINE', {
  OUTBOX_FULL: {
    kind: 'unavailable',
    zh: {
      message: '交换 {exchange}:发件箱有 {bytes} 字节未签收,已达上限 {limit},暂停读取',
      hint: '与平台的连接恢复后自动继续;立即重试:qianzhi job retry',
    },
    en: {
      message:
        'exchange {exchange}: the outbox holds {bytes} bytes without receipt, its limit is {limit}; reading pauses',
      hint: 'it goes on by itself when the platform answers; at once with `qianzhi job retry`',
    },
  },
  RECEIPT_MISSING: {
    kind: 'unavailable',
    zh: {
      message: '数据流 {stream}:第 {seq} 批起尚无签收({reason})',
      hint: '批次保存在发件箱,连接恢复后自动重发;立即重试:qianzhi job retry',
    },
    en: {
      message: 'stream {stream}: no receipt from batch {seq} on ({reason})',
      hint: 'the batches are kept in the outbox and sent again by themselves; at once with `qianzhi job retry`',
    },
  },
  NO_DUTY: {
    kind: 'denied',
    zh: {
      message: '资源 {resource}:平台没有给本前置机下达有效的供数义务,不读取也不发送',
      hint: '目录发布后(qianzhi catalog show {resource}),须通过保密审查(qianzhi catalog review {resource} --result passed)并指定本前置机供数(qianzhi catalog supply {resource} --agent {agent});然后在前置机上执行 qianzhi job run {exchange}',
    },
    en: {
      message:
        'resource {resource}: the platform gives this agent no live supply duty; nothing is read or sent',
      hint: 'once published (`qianzhi catalog show {resource}`) it takes a passed secrecy review (`qianzhi catalog review {resource} --result passed`) and an order to this agent (`qianzhi catalog supply {resource} --agent {agent}`); then run `qianzhi job run {exchange}` at the agent',
    },
  },
  DRIFT: {
    kind: 'config',
    zh: {
      message: '资源 {resource}:来源表已改变或与目录不再一致,数据流已暂停:{difference}',
      hint: '{remedy}后执行 qianzhi stream resume {resource};或按现状继续(目录不再相符则先发布):qianzhi stream accept-schema {resource}',
    },
    en: {
      message:
        'resource {resource}: the table has changed, or no longer agrees with the catalog; the stream is paused: {difference}',
      hint: '{remedy} and run `qianzhi stream resume {resource}`; or go on with it as it is, after the change is published where the catalog no longer fits: `qianzhi stream accept-schema {resource}`',
    },
  },
  SCHEMA_CHANGED: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 的目录由第 {from} 版改为第 {to} 版,数据流已暂停:{difference}',
      hint: '核对后执行 qianzhi stream accept-schema {resource}',
    },
    en: {
      message:
        'the catalog of resource {resource} went from version {from} to {to}, the stream is paused: {difference}',
      hint: 'look at it, then run `qianzhi stream accept-schema {resource}`',
    },
  },
  RECEIPT_WRONG: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream}:第 {seq} 批的签收不可接受:{problem}',
      hint: '保留现场并联系平台管理员;确认后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'stream {stream}: the receipt for batch {seq} is refused: {problem}',
      hint: 'keep it and call the platform administrator; then run `qianzhi stream resume {resource}`',
    },
  },
  STATE_BEHIND: {
    kind: 'integrity',
    zh: {
      message:
        '数据流 {stream}:平台已有第 {platformEpoch}/{platformSeq} 批,本机只到第 {ownEpoch}/{ownSeq} 批:本机状态丢失或被还原',
      hint: '执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message:
        'stream {stream}: the platform holds epoch {platformEpoch} batch {platformSeq}, this agent knows {ownEpoch}/{ownSeq}: state was lost or restored',
      hint: 'open a new epoch with `qianzhi agent recover`',
    },
  },
  HEADS_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream}:第 {seq} 批在平台与本机内容不同:本机状态被还原后又有新批次',
      hint: '执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message: 'stream {stream}: batch {seq} differs between platform and agent: restored state went on',
      hint: 'open a new epoch with `qianzhi agent recover`',
    },
  },
  BATCHES_GONE: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream}:平台只有到第 {platformSeq} 批,第 {seq} 批的文件本机已不保存',
      hint: '执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message:
        'stream {stream}: the platform holds up to batch {platformSeq} and the file of batch {seq} is no longer kept',
      hint: 'open a new epoch with `qianzhi agent recover`',
    },
  },
  BATCH_FILE_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '数据流 {stream}:发件箱中第 {seq} 批的文件缺失或被改动',
      hint: '执行 qianzhi agent recover 开启新纪元',
    },
    en: {
      message: 'stream {stream}: the outbox file of batch {seq} is missing or was changed',
      hint: 'open a new epoch with `qianzhi agent recover`',
    },
  },
  OUTBOX_DISCARDED: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 的数据流:删除作业时放弃了 {batches} 批未签收的数据',
      hint: '重新供给:先 qianzhi exchange add --supply {resource},再 qianzhi agent recover 开启新纪元,从全量开始',
    },
    en: {
      message:
        'the stream of resource {resource}: what had no receipt was given up when its exchange was removed (batches: {batches})',
      hint: 'to supply it again run `qianzhi exchange add --supply {resource}`, then `qianzhi agent recover`: a new epoch begins with a whole copy',
    },
  },
  STRATEGY_MISFIT: {
    kind: 'config',
    zh: {
      message: '交换 {exchange}:目录资源 {resource} 的内容为 {content},不能按 {strategy} 读取',
      hint: '文件用 strategy: files,数据行用其他方式;改正配置后执行 qianzhi agent start',
    },
    en: {
      message:
        'exchange {exchange}: resource {resource} holds {content} and is not read by strategy {strategy}',
      hint: 'use `strategy: files` for files and another one for rows; then run `qianzhi agent start`',
    },
  },
  STRATEGY_MISSING: {
    kind: 'config',
    zh: {
      message: '交换 {exchange}:读取方式 {strategy} 在此不可用',
      hint: '在配置中改用连接器支持的方式,再执行 qianzhi agent start',
    },
    en: {
      message: 'exchange {exchange}: read strategy {strategy} is not available here',
      hint: 'choose one the connector offers, then run `qianzhi agent start`',
    },
  },
  SOURCE_BROKEN: {
    kind: 'internal',
    zh: {
      message: '交换 {exchange}:来源连接器违反约定:{problem}',
      hint: '请向连接器作者报告;改正后执行 qianzhi job retry',
    },
    en: {
      message: 'exchange {exchange}: the source broke its contract: {problem}',
      hint: 'report it to the connector’s author; then run `qianzhi job retry`',
    },
  },
  COUNTS_WRONG: {
    kind: 'integrity',
    zh: {
      message: '交换 {exchange}:计数不平衡:读取 {read},已存 {stored},不合格 {rejected}',
      hint: '请附该作业的日志上报(编号见 qianzhi job list --exchange {exchange});核对后执行 qianzhi job retry',
    },
    en: {
      message:
        'exchange {exchange}: the counts do not balance: read {read}, stored {stored}, rejected {rejected}',
      hint: 'report it with the log of the job (`qianzhi job list --exchange {exchange}` names it); after looking at it, run `qianzhi job retry`',
    },
  },
  CANDIDATE_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '资源 {resource}:比对基线文件 {file} 缺失或被改动',
      hint: '重新建立基线:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'resource {resource}: the comparison file {file} is missing or was changed',
      hint: 'start again with `qianzhi stream resnapshot {resource}`',
    },
  },
});
