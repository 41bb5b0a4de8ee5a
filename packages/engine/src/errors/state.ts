import { defineErrors } from '@qianzhi/model';

/** The state folder and its disk. */
export const stateErrors = defineErrors('ENGINE', {
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
  EVIDENCE_SHORT: {
    kind: 'integrity',
    zh: {
      message:
        '归档存证 {file}:文件只有 {size} 字节,已归档 {length} 字节,其中的凭证缺失;不再写入,也不再移出凭证',
      hint: '从备份取回该文件放回原处,此后自动继续',
    },
    en: {
      message:
        'archiving evidence into {file}: it has {size} bytes where {length} were archived, so receipts are missing; nothing is written, and nothing more leaves the store',
      hint: 'put that file back from a backup, and it goes on by itself',
    },
  },
  CLOCK_BEHIND: {
    kind: 'unavailable',
    zh: {
      message: '本机时钟 {now} 早于平台已签发的时间 {floor},至少慢 {seconds} 秒;不读取、不发送、不入库',
      hint: '用 NTP 校正本机时钟,校正后自动继续;立即继续:qianzhi job retry;qianzhi doctor 可与平台时钟比对',
    },
    en: {
      message:
        'the clock of this machine ({now}) is before a time the platform signed ({floor}): at least {seconds} s behind; nothing is read, sent or applied',
      hint: "set it by NTP and it goes on by itself; at once with `qianzhi job retry`; `qianzhi doctor` compares it with the platform's",
    },
  },
  DISK_FULL: {
    kind: 'unavailable',
    zh: {
      message: '写入 {store}:{reason}',
      hint: '释放空间后自动继续;立即继续:qianzhi job retry',
    },
    en: {
      message: 'writing {store}: {reason}',
      hint: 'free some space and it goes on by itself; at once with `qianzhi job retry`',
    },
  },
});
