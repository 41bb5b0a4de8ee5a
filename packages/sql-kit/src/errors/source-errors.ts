import { defineErrors, type ErrorDeclaration } from '@qianzhi/model';

/** Of tables and sources, for connectors that declare them under codes of their own. Details name tables, columns and items; never a row value. */
export const sourceTexts = {
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
      message: '表“{table}”没有信息项“{item}”所需的列“{column}”',
      hint: '在 columns 中写明对应的列,或核对目录;改好后执行 qianzhi agent start',
    },
    en: {
      message: 'table "{table}" has no column "{column}" for item "{item}"',
      hint: 'name the column under `columns` or compare with the catalog; then run `qianzhi agent start`',
    },
  },
  ITEM_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '配置提到的信息项“{item}”不在目录资源 {resource} 中',
      hint: '执行 qianzhi catalog show {resource} 核对后改正配置',
    },
    en: {
      message: 'the config names item "{item}", which resource {resource} does not have',
      hint: 'compare with `qianzhi catalog show {resource}` and correct the config',
    },
  },
  TYPE_UNFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”的列“{column}”({nativeType})与信息项“{item}”的类型 {type} 不符',
      hint: '核对目录类型与列类型;改好后执行 qianzhi agent start',
    },
    en: {
      message:
        'column "{column}" ({nativeType}) of table "{table}" does not fit type {type} of item "{item}"',
      hint: 'compare the types of catalog and column; then run `qianzhi agent start`',
    },
  },
  STRATEGY_UNFIT: {
    kind: 'config',
    zh: {
      message: '读取策略 {strategy} 不可用于“{table}”:{problem}',
      hint: '改正 source 配置后执行 qianzhi config validate',
    },
    en: {
      message: 'read strategy {strategy} cannot be used on "{table}": {problem}',
      hint: 'correct the `source` config, then run `qianzhi config validate`',
    },
  },
  WHERE_WRONG: {
    kind: 'config',
    zh: {
      message: '“{table}”的 where 条件不能执行({reason})',
      hint: '在数据库的客户端中试运行该条件,改正后执行 qianzhi config validate',
    },
    en: {
      message: 'the `where` of "{table}" cannot be run ({reason})',
      hint: "try the condition in the database's own client, correct it, then run `qianzhi config validate`",
    },
  },
  CAPTURE_BROKEN: {
    kind: 'config',
    zh: {
      message: '“{table}”的变更捕获不完整,其间的变更没有记下:{objects}',
      hint: '{remedy},随后重新全量',
    },
    en: {
      message: 'capture of changes of "{table}" is not whole, and changes were not recorded: {objects}',
      hint: '{remedy}; a full copy follows',
    },
  },
  CAPTURE_SILENT: {
    kind: 'integrity',
    zh: {
      message: '写入“{table}”的变更表的试探行没有被读到:序号回退,或行被隐藏',
      hint: '核对变更表是否被清空、恢复或重建过;然后执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message:
        'a canary written into the change table of "{table}" was not read: serials went back, or rows are hidden',
      hint: 'see whether the change table was emptied, restored or made anew; then run `qianzhi stream resnapshot {resource}`',
    },
  },
  CAPTURE_UNFIT: {
    kind: 'config',
    zh: {
      message: '不能捕获“{table}”的变更:{problem}',
      hint: '改正后重试,查看语句:qianzhi connector capture plan 名称 --table {table}',
    },
    en: {
      message: 'changes of "{table}" cannot be captured: {problem}',
      hint: 'correct it and try again; `qianzhi connector capture plan NAME --table {table}` shows the statements',
    },
  },
  CHECKPOINT_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '“{table}”的检查点不属于读取策略 {strategy},或形式、版本不同',
      hint: '须重新全量:执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'the checkpoint of "{table}" is not of strategy {strategy}, or of another form or version',
      hint: 'start over with `qianzhi stream resnapshot {resource}`',
    },
  },
} as const satisfies Record<string, ErrorDeclaration>;

export const sourceErrors = defineErrors('SQL', sourceTexts);
