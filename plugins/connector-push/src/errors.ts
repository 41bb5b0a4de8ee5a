import { defineErrors } from '@qianzhi/model';
import { connectionTexts } from '@qianzhi/sql-kit';

/** Details name resources, counts and places; never a key or a value. */
export const pushErrors = defineErrors('PUSH', {
  CANCELLED: connectionTexts.CANCELLED,
  NO_STATE: {
    kind: 'config',
    zh: {
      message: '推送日志 {resource}:没有前置机的状态目录',
      hint: '推送只能用于已登记的前置机;先执行 qianzhi enroll,再执行 qianzhi doctor',
    },
    en: {
      message: 'push log of {resource}: there is no state folder of an agent',
      hint: 'pushes need an agent that is enrolled: run `qianzhi enroll`, then `qianzhi doctor`',
    },
  },
  ONLY_SUPPLIES: {
    kind: 'config',
    zh: {
      message: '推送连接器只能作为来源,不能作为目标',
      hint: '接收请用数据库、文件或 inbox 连接器;改后执行 qianzhi config validate',
    },
    en: {
      message: 'the push connector is a source only, no target',
      hint: 'receive into a database, files or an inbox; then run `qianzhi config validate`',
    },
  },
  STRATEGY: {
    kind: 'config',
    zh: {
      message: '推送的资源 {resource} 不能以 strategy: {strategy} 供给',
      hint: '改为 log(先全量,后逐条变化)或 snapshot(每次全量),再执行 qianzhi config validate',
    },
    en: {
      message: 'resource {resource} is pushed: it cannot be supplied by `strategy: {strategy}`',
      hint: 'choose log (all records, then each change) or snapshot (all of them each time), then run `qianzhi config validate`',
    },
  },
  KEYLESS: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 没有主键项,不能推送',
      hint: '在目录中为该资源标明主键后重新发布(qianzhi catalog publish FILE),或由数据库供给;再执行 qianzhi doctor',
    },
    en: {
      message: 'resource {resource} has no key items, so its records cannot be pushed',
      hint: 'mark its key in the catalog and publish it (`qianzhi catalog publish FILE`), or supply it from a database; then run `qianzhi doctor`',
    },
  },
  KEY_REUSED: {
    kind: 'conflict',
    zh: {
      message: '幂等键已用于其他内容(推送 {push})',
      hint: '重发须与原请求逐字节相同;新的内容用新的 Idempotency-Key。先前的结果:GET …/pushes/{push}',
    },
    en: {
      message: 'the idempotency key was used for other content (push {push})',
      hint: 'a repetition has to be the same byte for byte; other content takes another Idempotency-Key. What became of it: GET …/pushes/{push}',
    },
  },
  FULL: {
    kind: 'unavailable',
    zh: {
      message: '资源 {resource} 未签收的推送已达上限({bytes}/{limit} 字节),暂不接受',
      hint: '平台签收后自动恢复,稍后以同一幂等键重发;在前置机查看 qianzhi agent status,或调大 source.maxWaitingMiB',
    },
    en: {
      message: 'pushes of {resource} without receipt have reached their limit ({bytes} of {limit} bytes)',
      hint: 'it goes on by itself with the platform’s receipts: repeat with the same idempotency key; at the agent see `qianzhi agent status`, or raise `source.maxWaitingMiB`',
    },
  },
  STORE_BEHIND: {
    kind: 'integrity',
    zh: {
      message: '推送日志 {file} 不是检查点所指的那一份,或已恢复到更早的状态(资源 {resource})',
      hint: '请业务系统重新推送现有全部记录,再执行 qianzhi stream resnapshot {resource},然后 qianzhi stream resume {resource}',
    },
    en: {
      message:
        'the push log {file} is not the one the checkpoint is of, or was restored to an earlier state (resource {resource})',
      hint: 'have the business systems push all current records again, then run `qianzhi stream resnapshot {resource}` and `qianzhi stream resume {resource}`',
    },
  },
  CHECKPOINT_WRONG: {
    kind: 'integrity',
    zh: {
      message: '资源 {resource} 的检查点不是推送日志的',
      hint: '交换改用推送后须重新全量:qianzhi stream resnapshot {resource},再执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the checkpoint of {resource} is not one of a push log',
      hint: 'an exchange that goes over to pushes begins with a whole copy: `qianzhi stream resnapshot {resource}`, then `qianzhi stream resume {resource}`',
    },
  },
  STORE_NEWER: {
    kind: 'config',
    zh: {
      message: '推送日志 {file} 的结构为第 {found} 版,本程序只认到第 {wanted} 版',
      hint: '使用写入它的程序版本或更新的版本,再执行 qianzhi agent start',
    },
    en: {
      message: 'the push log {file} has structure {found}, this program knows {wanted}',
      hint: 'use the program that wrote it or a newer one, then run `qianzhi agent start`',
    },
  },
  DISK: {
    kind: 'unavailable',
    zh: {
      message: '资源 {resource} 的推送日志:状态目录的磁盘:{reason}',
      hint: '释放空间后自动恢复,以同一幂等键重发;查看 qianzhi doctor',
    },
    en: {
      message: 'push log of {resource}: the disk of the state folder: {reason}',
      hint: 'free some space, then repeat with the same idempotency key; see `qianzhi doctor`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '推送日志 {file} 不能再信任:{reason}',
      hint: '检查磁盘,然后重启前置机:qianzhi agent start',
    },
    en: {
      message: 'the push log {file} can no longer be trusted: {reason}',
      hint: 'look at the disk, then start the agent again with `qianzhi agent start`',
    },
  },
  INTERNAL: {
    kind: 'internal',
    zh: {
      message: '资源 {resource} 的推送日志:意外错误 {reason}',
      hint: '自动重试;仍出现请查看 qianzhi job list 并反馈',
    },
    en: {
      message: 'push log of {resource}: unforeseen error {reason}',
      hint: 'it is tried again by itself; if it stays, see `qianzhi job list` and report it',
    },
  },
});
