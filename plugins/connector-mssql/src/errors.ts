import { defineErrors } from '@qianzhi/model';

/** Of strategy `log`: what database, table or login lacks for change tracking, with the statement that gives it. */
export const mssqlErrors = defineErrors('MSSQL', {
  TRACKING_OFF: {
    kind: 'config',
    zh: {
      message: '{server} 未启用更改跟踪,不能按 log 读取表“{table}”',
      hint: '由数据库管理员执行 {sql}(保留期须长于前置机可能停机的时间),再执行 qianzhi doctor;或换用其他读取策略',
    },
    en: {
      message: '{server} has no change tracking: table "{table}" cannot be read by log',
      hint: 'have {sql} run (with a retention longer than the agent may be down), then run `qianzhi doctor`; or choose another strategy',
    },
  },
  TRACKING_TABLE_OFF: {
    kind: 'config',
    zh: {
      message: '{server} 的表“{table}”未启用更改跟踪',
      hint: '由表的所有者执行 {sql},再执行 qianzhi doctor',
    },
    en: {
      message: 'table "{table}" of {server} has no change tracking',
      hint: 'have its owner run {sql}, then run `qianzhi doctor`',
    },
  },
  TRACKING_DENIED: {
    kind: 'denied',
    zh: {
      message: '用户“{user}”无权查看 {server} 的表“{table}”的更改跟踪',
      hint: '由表的所有者执行 {sql},再执行 qianzhi doctor',
    },
    en: {
      message: 'user "{user}" may not see the change tracking of table "{table}" of {server}',
      hint: 'have its owner run {sql}, then run `qianzhi doctor`',
    },
  },
});
