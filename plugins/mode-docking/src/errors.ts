import { defineErrors } from '@qianzhi/model';

export const dockingErrors = defineErrors('DOCKING', {
  CRON_WRONG: {
    kind: 'config',
    zh: {
      message: '交换 {exchange} 的计划 "{cron}" 不是有效的 cron 表达式:{problem}',
      hint: '按 5 或 6 个字段改正(例如每天 2 点:0 2 * * *),用 qianzhi config validate 检查后执行 qianzhi agent start',
    },
    en: {
      message: 'the schedule "{cron}" of exchange {exchange} is no cron expression: {problem}',
      hint: 'write 5 or 6 fields (2 o’clock every day: 0 2 * * *), check with `qianzhi config validate`, then run `qianzhi agent start`',
    },
  },
  CONTINUOUS_UNFIT: {
    kind: 'config',
    zh: {
      message: '交换 {exchange} 按 {strategy} 每次读取全部数据,不能持续运行',
      hint: '把 strategy 改为 log、change-table、flag 或 watermark,或去掉 modeOptions.continuous 并写明 schedule;然后执行 qianzhi config validate',
    },
    en: {
      message:
        'exchange {exchange} reads everything each time, by strategy {strategy}: it cannot run continuously',
      hint: 'choose strategy log, change-table, flag or watermark, or take modeOptions.continuous out and give it a schedule; then run `qianzhi config validate`',
    },
  },
});
