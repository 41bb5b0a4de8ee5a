import { defineErrors } from '@qianzhi/model';

export const batchDownloadErrors = defineErrors('DOWNLOAD', {
  CRON_WRONG: {
    kind: 'config',
    zh: {
      message: '下载 {exchange} 的计划 "{cron}" 不是有效的 cron 表达式:{problem}',
      hint: '按 5 或 6 个字段改正(例如每天 2 点:0 2 * * *),用 qianzhi config validate 检查',
    },
    en: {
      message: 'the schedule "{cron}" of download {exchange} is no cron expression: {problem}',
      hint: 'write 5 or 6 fields (2 o’clock every day: 0 2 * * *) and check with `qianzhi config validate`',
    },
  },
  SUPPLIES: {
    kind: 'config',
    zh: {
      message: '交换 {exchange} 以批量下载方式供数,而该方式只能取数',
      hint: '供数请用 mode: docking,或把 supply 改为 consume;用 qianzhi config validate 检查',
    },
    en: {
      message: 'exchange {exchange} supplies in mode batch-download, which only fetches',
      hint: 'supply by mode: docking, or write consume for supply; check with `qianzhi config validate`',
    },
  },
});
