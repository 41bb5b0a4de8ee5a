import { defineErrors } from '@qianzhi/model';

/** Jobs, exchanges and streams as an operator meets them. */
export const operationErrors = defineErrors('ENGINE', {
  NO_DOWNLOAD: {
    kind: 'config',
    zh: {
      message: '下载 {exchange}:本进程没有到平台的下载通道',
      hint: '由前置机进程执行:qianzhi agent start',
    },
    en: {
      message: 'download {exchange}: this process has no way to download from the platform',
      hint: 'let the agent run it: `qianzhi agent start`',
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
      hint: '等它结束(qianzhi job status {job})或先取消(qianzhi job cancel {job})',
    },
    en: {
      message: 'exchange {exchange} is running',
      hint: 'wait for it (`qianzhi job status {job}`) or cancel it (`qianzhi job cancel {job}`) first',
    },
  },
  JOB_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有作业 {job}', hint: '查看:qianzhi job list' },
    en: { message: 'there is no job {job}', hint: 'see `qianzhi job list`' },
  },
  JOB_NOT_RETRIED: {
    kind: 'conflict',
    zh: {
      message: '作业 {job} 处于 {state} 状态,不能重试',
      hint: '查看:qianzhi job status {job};再执行一次:qianzhi job run {exchange}',
    },
    en: {
      message: 'job {job} is {state}: it cannot be retried',
      hint: 'see `qianzhi job status {job}`; run it once more with `qianzhi job run {exchange}`',
    },
  },
  JOB_NOT_CANCELLED: {
    kind: 'conflict',
    zh: { message: '作业 {job} 处于 {state} 状态,不能取消', hint: '查看:qianzhi job status {job}' },
    en: { message: 'job {job} is {state}: it cannot be cancelled', hint: 'see `qianzhi job status {job}`' },
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
