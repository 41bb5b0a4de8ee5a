import { defineErrors } from '@qianzhi/model';
import { connectionTexts } from '@qianzhi/sql-kit';

/** Details name exchanges, counts and places; never a key or a value. */
export const inboxErrors = defineErrors('INBOX', {
  CANCELLED: connectionTexts.CANCELLED,
  NO_STATE: {
    kind: 'config',
    zh: {
      message: '收件箱 {exchange}:没有前置机的状态目录',
      hint: '收件箱只能在已登记的前置机上使用;先执行 qianzhi enroll,再执行 qianzhi doctor',
    },
    en: {
      message: 'inbox {exchange}: there is no state folder of an agent',
      hint: 'an inbox needs an agent that is enrolled: run `qianzhi enroll`, then `qianzhi doctor`',
    },
  },
  ONLY_RECEIVES: {
    kind: 'config',
    zh: {
      message: '收件箱只能接收,不能作为来源',
      hint: '供给请用数据库或文件连接器;改后执行 qianzhi config validate',
    },
    en: {
      message: 'an inbox only receives; it is no source',
      hint: 'supply from a database or files; then run `qianzhi config validate`',
    },
  },
  APPEND: {
    kind: 'config',
    zh: { message: '收件箱不支持写入方式 append', hint: '去掉 write 后执行 qianzhi config validate' },
    en: {
      message: 'an inbox has no write mode append',
      hint: 'leave `write` out, then run `qianzhi config validate`',
    },
  },
  KEYLESS: {
    kind: 'config',
    zh: {
      message: '收件箱 {exchange}:资源 {resource} 的授权中没有主键项,无法识别变化',
      hint: '申请时包含主键项(qianzhi agreement apply {resource} --matter 事项),或改用数据库作目标,再执行 qianzhi config validate',
    },
    en: {
      message:
        'inbox {exchange}: what is granted of resource {resource} has no key items, so changes cannot be told',
      hint: 'ask for the key items, too (`qianzhi agreement apply {resource} --matter MATTER`), or use a database as target and check with `qianzhi config validate`',
    },
  },
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '收件箱:{delivery} 的第 {seq} 批已以其他内容写入(资源 {resource})',
      hint: '不要改动状态目录;查明后执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'inbox: batch {seq} of {delivery} was applied with other content (resource {resource})',
      hint: 'leave the state folder alone; once it is explained run `qianzhi stream resume {resource}`',
    },
  },
  SNAPSHOT_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '收件箱:{delivery} 的快照不完整:{problem}(资源 {resource})',
      hint: '请供数方重新全量:qianzhi stream resnapshot {resource};再执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'inbox: the snapshot of {delivery} is not whole: {problem} (resource {resource})',
      hint: 'have the provider send it anew with `qianzhi stream resnapshot {resource}`, then run `qianzhi stream resume {resource}`',
    },
  },
  FULL: {
    kind: 'unavailable',
    zh: {
      message: '收件箱 {exchange} 已满:现有记录需 {bytes} 字节,上限 {limit}',
      hint: '调大该作业 target.maxMiB,qianzhi config validate 后自动继续;立即继续:qianzhi job retry',
    },
    en: {
      message: 'inbox {exchange} is full: the records as they are take {bytes} bytes of {limit}',
      hint: 'raise `target.maxMiB` of the exchange, check with `qianzhi config validate`, and it goes on by itself; at once with `qianzhi job retry`',
    },
  },
  DISK: {
    kind: 'unavailable',
    zh: {
      message: '收件箱 {exchange}:状态目录的磁盘:{reason}',
      hint: '释放空间后自动继续;立即继续:qianzhi job retry',
    },
    en: {
      message: 'inbox {exchange}: the disk of the state folder: {reason}',
      hint: 'free some space and it goes on by itself; at once with `qianzhi job retry`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '收件箱 {exchange} 的文件损坏或不能确认落盘({reason})',
      hint: '检查磁盘;移走 {file} 后执行 qianzhi agent start,数据会重新送达',
    },
    en: {
      message: 'the file of inbox {exchange} is damaged, or the disk does not confirm it ({reason})',
      hint: 'check the disk; move {file} away and run `qianzhi agent start`: what was received is delivered anew',
    },
  },
  STORE_NEWER: {
    kind: 'config',
    zh: {
      message: '收件箱文件 {file} 的结构版本 {found} 高于本程序的 {wanted}',
      hint: '用较新的版本执行 qianzhi agent start',
    },
    en: {
      message: 'the inbox file {file} has structure version {found}, above this program’s {wanted}',
      hint: 'run `qianzhi agent start` of the newer release',
    },
  },
  CURSOR_GONE: {
    kind: 'conflict',
    zh: {
      message: '收件箱 {exchange}:该游标之后的变化已不再保留,或游标不属于此收件箱',
      hint: '不带游标从头读取(得到现有记录);保留期见 target.keepDays,用 qianzhi config validate 检查',
    },
    en: {
      message: 'inbox {exchange}: changes behind that cursor are no longer kept, or it is of another inbox',
      hint: 'read from the beginning without a cursor (the records as they are); `target.keepDays` says how long changes are kept, check with `qianzhi config validate`',
    },
  },
  KEY_WRONG: {
    kind: 'data',
    zh: {
      message: '收件箱 {exchange}:键须恰好给出这些项:{columns}',
      hint: '查看资源的主键项:qianzhi catalog show {resource}',
    },
    en: {
      message: 'inbox {exchange}: a key gives exactly these items: {columns}',
      hint: 'see the key items with `qianzhi catalog show {resource}`',
    },
  },
  INTERNAL: {
    kind: 'internal',
    zh: {
      message: '收件箱 {exchange}:{reason}',
      hint: '自动重试;立即重试:qianzhi job retry;查看 qianzhi doctor',
    },
    en: {
      message: 'inbox {exchange}: {reason}',
      hint: 'it is tried again by itself, at once with `qianzhi job retry`; see `qianzhi doctor`',
    },
  },
});
