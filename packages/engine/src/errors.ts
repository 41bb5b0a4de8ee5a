import { defineErrors } from '@qianzhi/model';

/** Details name exchanges, streams, counts and places; never a row value. */
export const engineErrors = defineErrors('ENGINE', {
  ALREADY_RUNNING: {
    kind: 'conflict',
    zh: {
      message: '打开状态文件夹 {folder}:进程 {pid} 正在使用',
      hint: '一个前置机只能有一个运行实例;先结束进程 {pid},再执行 qianzhi agent start',
    },
    en: {
      message: 'opening the state folder {folder}: process {pid} is using it',
      hint: 'one agent runs once; end process {pid}, then run `qianzhi agent start`',
    },
  },
  STORE_NOT_DURABLE: {
    kind: 'config',
    zh: {
      message: '打开状态数据库 {file}:{setting} 应为 {wanted},实为 {found},掉电会丢失已签收的记录',
      hint: '把状态文件夹放到本地磁盘后执行 qianzhi agent start',
    },
    en: {
      message:
        'opening the state database {file}: {setting} is {found} where {wanted} is needed to survive power loss',
      hint: 'put the state folder on a local disk, then run `qianzhi agent start`',
    },
  },
  STORE_NEWER: {
    kind: 'config',
    zh: {
      message: '打开状态数据库 {file}:其结构版本 {found} 高于本程序的 {wanted}',
      hint: '用较新的版本执行 qianzhi agent start',
    },
    en: {
      message:
        'opening the state database {file}: its structure version {found} is above this program’s {wanted}',
      hint: 'run `qianzhi agent start` of the newer release',
    },
  },
  STORE_HALTED: {
    kind: 'integrity',
    zh: {
      message: '写入 {store}:磁盘未能确认落盘({reason}),已停止写入',
      hint: '检查磁盘后执行 qianzhi agent start;未签收的批次会重新发送',
    },
    en: {
      message: 'writing {store}: the disk did not confirm the data ({reason}); writing has stopped',
      hint: 'check the disk, then run `qianzhi agent start`; batches without receipt are sent again',
    },
  },
  DISK_FULL: {
    kind: 'unavailable',
    zh: {
      message: '写入 {store}:磁盘已满({reason})',
      hint: '释放空间后自动继续;立即继续:qianzhi job retry',
    },
    en: {
      message: 'writing {store}: the disk is full ({reason})',
      hint: 'free some space and it goes on by itself; at once with `qianzhi job retry`',
    },
  },
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
      hint: '请平台确认目录已发布并通过保密审查,然后执行 qianzhi job run {exchange}',
    },
    en: {
      message:
        'resource {resource}: the platform gives this agent no live supply duty; nothing is read or sent',
      hint: 'have the resource published and its secrecy review recorded, then run `qianzhi job run {exchange}`',
    },
  },
  NO_GRANT: {
    kind: 'denied',
    zh: {
      message: '资源 {resource}:本部门没有有效授权',
      hint: '申请使用:qianzhi agreement apply {resource};获准后执行 qianzhi job run {exchange}',
    },
    en: {
      message: 'resource {resource}: this department holds no live agreement',
      hint: 'apply with `qianzhi agreement apply {resource}`; once granted, run `qianzhi job run {exchange}`',
    },
  },
  GRANT_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 有多个有效授权:{agreements}',
      hint: '在交换 {exchange} 的配置中写明 agreement,再执行 qianzhi agent start',
    },
    en: {
      message: 'resource {resource} has several live agreements: {agreements}',
      hint: 'name one as `agreement` of exchange {exchange} in the config, then run `qianzhi agent start`',
    },
  },
  REVOKED: {
    kind: 'denied',
    zh: {
      message: '授权 {agreement}(第 {grantVersion} 版)已被撤销:{reason};待入库数据已清除',
      hint: '如仍需使用:qianzhi agreement apply {resource};获准后执行 qianzhi job run {exchange}',
    },
    en: {
      message:
        'agreement {agreement} (grant version {grantVersion}) was revoked: {reason}; what waited is erased',
      hint: 'if it is still needed, `qianzhi agreement apply {resource}`; once granted, run `qianzhi job run {exchange}`',
    },
  },
  LEASE_EXPIRED: {
    kind: 'unavailable',
    zh: {
      message: '授权 {agreement} 的租约不在有效期内({expiresAt}),暂停入库',
      hint: '连上平台续租后自动继续;立即重试:qianzhi job retry;检查连接:qianzhi doctor',
    },
    en: {
      message: 'the lease of agreement {agreement} is not in force ({expiresAt}); applying waits',
      hint: 'it goes on by itself once the platform renews it; at once with `qianzhi job retry`; see `qianzhi doctor`',
    },
  },
  ASSIGNMENTS_MISSING: {
    kind: 'unavailable',
    zh: {
      message: '尚未从平台收到{what}',
      hint: '收到后自动继续;立即重试:qianzhi job retry;检查连接:qianzhi doctor',
    },
    en: {
      message: '{what} has not come from the platform yet',
      hint: 'it goes on by itself when it comes; at once with `qianzhi job retry`; check the link with `qianzhi doctor`',
    },
  },
  DRIFT: {
    kind: 'config',
    zh: {
      message: '资源 {resource}:来源与目录不再一致,数据流已暂停:{difference}',
      hint: '改回来源表后执行 qianzhi stream resume {resource};或更新目录后执行 qianzhi stream accept-schema {resource}',
    },
    en: {
      message: 'resource {resource}: source and catalog no longer agree, the stream is paused: {difference}',
      hint: 'put the table back and run `qianzhi stream resume {resource}`, or publish the change and run `qianzhi stream accept-schema {resource}`',
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
  REJECT_LIMIT: {
    kind: 'data',
    zh: {
      message: '交换 {exchange}:{rows} 行中有 {rejected} 行不合格,超过上限 {limit},已停止',
      hint: '查看 qianzhi quarantine list;改正来源(或调整 rejectLimit)后执行 qianzhi job resume {exchange}',
    },
    en: {
      message:
        'exchange {exchange}: {rejected} of {rows} rows were rejected, above the limit {limit}; it has stopped',
      hint: 'see `qianzhi quarantine list`; correct the rows (or rejectLimit), then run `qianzhi job resume {exchange}`',
    },
  },
  QUARANTINE_FULL: {
    kind: 'data',
    zh: {
      message: '交换 {exchange}:隔离区已满({rows} 行,{bytes} 字节),已停止',
      hint: '先导出:qianzhi quarantine export;再执行 qianzhi job resume {exchange}',
    },
    en: {
      message: 'exchange {exchange}: the quarantine is full ({rows} rows, {bytes} bytes); it has stopped',
      hint: 'take the rows out with `qianzhi quarantine export`, then run `qianzhi job resume {exchange}`',
    },
  },
  EXPORT_FAILED: {
    kind: 'config',
    zh: {
      message: '导出隔离数据到 {path}:无法写入({reason})',
      hint: '换一个尚不存在且可写的文件,再执行 qianzhi quarantine export',
    },
    en: {
      message: 'exporting the quarantine to {path}: it cannot be written ({reason})',
      hint: 'name a file that does not exist in a writable folder, then run `qianzhi quarantine export` again',
    },
  },
  RETRY_DURING_SNAPSHOT: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource}:全量传送尚未完成,暂不能重送隔离行',
      hint: '先完成:qianzhi job run {exchange};再执行 qianzhi quarantine retry {exchange}',
    },
    en: {
      message: 'resource {resource}: a snapshot is not finished, so quarantined rows cannot be sent yet',
      hint: 'finish it with `qianzhi job run {exchange}`, then run `qianzhi quarantine retry {exchange}`',
    },
  },
  NOT_SUPPLY: {
    kind: 'config',
    zh: {
      message: '交换 {exchange} 不是供数交换,隔离行不能由本机重送',
      hint: '改正目标表后执行 qianzhi stream resume,或请供方重传:qianzhi stream resnapshot',
    },
    en: {
      message: 'exchange {exchange} supplies nothing, so its rows cannot be sent again from here',
      hint: 'correct the target table and run `qianzhi stream resume`, or have the provider run `qianzhi stream resnapshot`',
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
  DELIVERY_WRONG: {
    kind: 'integrity',
    zh: {
      message: '收取 {delivery} 第 {seq} 批:{problem};该流已停止',
      hint: '联系平台管理员核对;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'receiving {delivery} batch {seq}: {problem}; this stream has stopped',
      hint: 'have the platform administrator look at it, then run `qianzhi stream resume {resource}`',
    },
  },
  DELIVERY_GAP: {
    kind: 'integrity',
    zh: {
      message: '收取 {delivery}:应为第 {expected} 批,收到第 {seq} 批;该流已停止',
      hint: '联系平台管理员核对;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'receiving {delivery}: batch {seq} came where {expected} was due; this stream has stopped',
      hint: 'have the platform administrator look at it, then run `qianzhi stream resume {resource}`',
    },
  },
  LEDGER_WRONG: {
    kind: 'integrity',
    zh: {
      message: '{delivery} 第 {seq} 批:目标台账与批次不符:{problem};该流已停止',
      hint: '核对目标库的台账表;然后执行 qianzhi stream resume {resource}',
    },
    en: {
      message:
        '{delivery} batch {seq}: the target’s ledger does not fit the batch: {problem}; this stream has stopped',
      hint: 'look at the ledger table of the target, then run `qianzhi stream resume {resource}`',
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
  EXCHANGE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '配置中没有交换 {exchange}', hint: '现有:{known}' },
    en: { message: 'the config has no exchange {exchange}', hint: 'there are: {known}' },
  },
  EXCHANGE_PAUSED: {
    kind: 'conflict',
    zh: { message: '交换 {exchange} 已暂停', hint: '恢复:qianzhi job resume {exchange}' },
    en: {
      message: 'exchange {exchange} is paused',
      hint: 'start it again with `qianzhi job resume {exchange}`',
    },
  },
  EXCHANGE_BUSY: {
    kind: 'conflict',
    zh: {
      message: '交换 {exchange} 正在运行',
      hint: '等它结束(qianzhi job list)或先取消(qianzhi job cancel)',
    },
    en: {
      message: 'exchange {exchange} is running',
      hint: 'wait for it (`qianzhi job list`) or cancel it (`qianzhi job cancel`) first',
    },
  },
  JOB_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有作业 {job}', hint: '查看:qianzhi job list' },
    en: { message: 'there is no job {job}', hint: 'see `qianzhi job list`' },
  },
  JOB_STATE: {
    kind: 'conflict',
    zh: { message: '作业 {job} 处于 {state} 状态,不能{action}', hint: '查看:qianzhi job status {job}' },
    en: { message: 'job {job} is {state}: it cannot be {action}', hint: 'see `qianzhi job status {job}`' },
  },
  STREAM_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有数据流 {name}', hint: '查看:qianzhi stream list' },
    en: { message: 'there is no stream {name}', hint: 'see `qianzhi stream list`' },
  },
  RECOVER_NOT_NEEDED: {
    kind: 'conflict',
    zh: { message: '没有需要恢复的数据流', hint: '查看:qianzhi stream list;指定资源可强制开启新纪元' },
    en: {
      message: 'no stream needs recovery',
      hint: 'see `qianzhi stream list`; name a resource to open a new epoch anyway',
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
  DIFF_NEEDS_KEY: {
    kind: 'config',
    zh: {
      message: '交换 {exchange}:资源 {resource} 没有主键信息项,不能用 diff 方式',
      hint: '改用 snapshot,或在目录中标明主键后执行 qianzhi catalog publish',
    },
    en: {
      message: 'exchange {exchange}: resource {resource} has no key items, so strategy diff cannot be used',
      hint: 'use snapshot, or mark key items and run `qianzhi catalog publish`',
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
      hint: '请附日志上报(qianzhi job log);核对后执行 qianzhi job retry',
    },
    en: {
      message:
        'exchange {exchange}: the counts do not balance: read {read}, stored {stored}, rejected {rejected}',
      hint: 'report it with `qianzhi job log`; after looking at it, run `qianzhi job retry`',
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
  CHANNEL_TIMEOUT: {
    kind: 'timeout',
    zh: {
      message: '{what}:{ms} 毫秒内平台没有回应',
      hint: '自动重试;检查连接:qianzhi doctor',
    },
    en: {
      message: '{what}: no answer from the platform within {ms} ms',
      hint: 'it is tried again by itself; check the link with `qianzhi doctor`',
    },
  },
  STOPPING: {
    kind: 'cancelled',
    zh: { message: '{what}:前置机正在停止', hint: '启动后自动继续:qianzhi agent start' },
    en: { message: '{what}: the agent is stopping', hint: 'it goes on after `qianzhi agent start`' },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '作业 {job} 已取消', hint: '需要时执行 qianzhi job retry {job}' },
    en: { message: 'job {job} was cancelled', hint: 'run `qianzhi job retry {job}` when wanted' },
  },
  UNEXPECTED: {
    kind: 'internal',
    zh: {
      message: '{what}:意外错误 {name}',
      hint: '自动重试数次后停止;之后执行 qianzhi job retry,并附日志上报',
    },
    en: {
      message: '{what}: unexpected error {name}',
      hint: 'it is tried a few times; then run `qianzhi job retry` and report it with the log',
    },
  },
});
