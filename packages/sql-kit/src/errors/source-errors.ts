import { defineErrors } from '@qianzhi/model';

/** Of tables, items and sources. */
export const sourceErrors = defineErrors('SQL', {
  TABLE_MISSING: {
    kind: 'config',
    zh: {
      message: '{server} 中没有表“{table}”,或无权查看',
      hint: '核对配置中的表名与授权(qianzhi connector discover 列出可见的表),再执行 qianzhi config validate',
    },
    en: {
      message: '{server} has no table "{table}", or it may not be seen',
      hint: 'compare the name with `qianzhi connector discover` and check the grants, then run `qianzhi config validate`',
    },
  },
  COLUMN_MISSING: {
    kind: 'config',
    zh: {
      message: '表“{table}”没有信息项 {item} 所需的列“{column}”',
      hint: '在 columns 中写明列名,或修订目录;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'table "{table}" has no column "{column}" for item {item}',
      hint: 'name the column under `columns` or revise the catalog, then run `qianzhi config validate`',
    },
  },
  TYPE_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”的列“{column}”类型为 {nativeType},不能对应信息项 {item} 的类型 {type}',
      hint: '修订目录中该项的类型或换用其他列;改好后执行 qianzhi config validate',
    },
    en: {
      message:
        'column "{column}" of table "{table}" is {nativeType}, which does not fit item {item} of type {type}',
      hint: 'revise the type in the catalog or use another column, then run `qianzhi config validate`',
    },
  },
  ITEM_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '配置提到的信息项 {item} 不在资源 {resource} 中',
      hint: '按目录改正列名;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'item {item} in the config is not part of resource {resource}',
      hint: 'use the column names of the catalog, then run `qianzhi config validate`',
    },
  },
  STRATEGY_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”不能按 {strategy} 读取:{problem}',
      hint: '补全配置或换用其他策略;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'table "{table}" cannot be read by {strategy}: {problem}',
      hint: 'complete the config or use another strategy, then run `qianzhi config validate`',
    },
  },
  WHERE_WRONG: {
    kind: 'config',
    zh: {
      message: '表“{table}”的条件 source.where 不能执行({reason})',
      hint: '改正条件后执行 qianzhi config validate',
    },
    en: {
      message: 'the condition source.where of table "{table}" cannot be run ({reason})',
      hint: 'correct it, then run `qianzhi config validate`',
    },
  },
  CHECKPOINT_UNKNOWN: {
    kind: 'integrity',
    zh: {
      message: '表“{table}”({strategy})的断点无法识别',
      hint: '重新全量:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'the checkpoint of table "{table}" ({strategy}) is not known',
      hint: 'start over with `qianzhi stream resnapshot {resource}`',
    },
  },
});
