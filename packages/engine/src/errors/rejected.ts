import { defineErrors } from '@qianzhi/model';

/** Rows that were refused, and their quarantine. */
export const rejectedErrors = defineErrors('ENGINE', {
  REJECT_LIMIT: {
    kind: 'data',
    zh: {
      message: '交换 {exchange}:{rows} 行中有 {rejected} 行不合格,超过上限 {limit},已停止',
      hint: '查看 qianzhi quarantine list --exchange {exchange};改正来源(或调整 rejectLimit)后执行 qianzhi job resume {exchange}',
    },
    en: {
      message:
        'exchange {exchange}: {rejected} of {rows} rows were rejected, above the limit {limit}; it has stopped',
      hint: 'see `qianzhi quarantine list --exchange {exchange}`; correct the rows (or rejectLimit), then run `qianzhi job resume {exchange}`',
    },
  },
  QUARANTINE_FULL: {
    kind: 'data',
    zh: {
      message: '交换 {exchange}:隔离区已满({rows} 行,{bytes} 字节),已停止',
      hint: '先导出:qianzhi quarantine export --out quarantine.txt(或调高 limits.quarantineRows、quarantineBytes 并重启前置机);再执行 qianzhi job resume {exchange}',
    },
    en: {
      message: 'exchange {exchange}: the quarantine is full ({rows} rows, {bytes} bytes); it has stopped',
      hint: 'take the rows out with `qianzhi quarantine export --out quarantine.txt` (where one run rejects more than fits, raise limits.quarantineRows or quarantineBytes and restart the agent), then run `qianzhi job resume {exchange}`',
    },
  },
  EXPORT_FAILED: {
    kind: 'config',
    zh: {
      message: '导出隔离数据到 {path}:无法写入({reason})',
      hint: '换一个尚不存在且可写的文件,再执行 qianzhi quarantine export --out 文件',
    },
    en: {
      message: 'exporting the quarantine to {path}: it cannot be written ({reason})',
      hint: 'name a file that does not exist in a writable folder, then run `qianzhi quarantine export --out FILE`',
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
      hint: '改正目标表后执行 qianzhi stream resume {resource},或请供方重传:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'exchange {exchange} supplies nothing, so its rows cannot be sent again from here',
      hint: 'correct the target table and run `qianzhi stream resume {resource}`, or have the provider run `qianzhi stream resnapshot {resource}`',
    },
  },
});
