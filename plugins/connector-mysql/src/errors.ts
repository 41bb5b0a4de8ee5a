import { defineErrors } from '@qianzhi/model';
import { connectionErrors } from './connection/errors.js';
import { targetErrors } from './sink/errors.js';

/** Of tables and sources; targets' are in sink/errors.ts. Details name tables, columns and counts; never a row value. */
const tableErrors = defineErrors('MYSQL', {
  TABLE_MISSING: {
    kind: 'config',
    zh: {
      message: '数据库 {server} 中没有表“{database}.{table}”,或用户无权看到',
      hint: '用 qianzhi connector discover 查看表名;改好后执行 qianzhi config validate',
    },
    en: {
      message: 'database {server} has no table "{database}.{table}", or the user may not see it',
      hint: 'see the names with `qianzhi connector discover`; then run `qianzhi config validate`',
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
  NO_ORDER: {
    kind: 'config',
    zh: {
      message: '无法按确定顺序读取“{table}”:{problem}',
      hint: '为表建立主键或唯一索引,或在目录资源中设置可排序的主键项,再执行 qianzhi config validate',
    },
    en: {
      message: '"{table}" cannot be read in a settled order: {problem}',
      hint: 'give the table a primary key or the catalog resource key items that can be ordered, then run `qianzhi config validate`',
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
      hint: '在 mysql 客户端中试运行该条件,改正后执行 qianzhi config validate',
    },
    en: {
      message: 'the `where` of "{table}" cannot be run ({reason})',
      hint: 'try the condition in the mysql client, correct it, then run `qianzhi config validate`',
    },
  },
  CHECKPOINT_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '“{table}”的检查点不属于读取策略 {strategy}、主键已变或版本过新',
      hint: '须重新全量:执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message:
        'the checkpoint of "{table}" is not of strategy {strategy}, of another key or of a later version',
      hint: 'start over with `qianzhi stream resnapshot {resource}`',
    },
  },
});

export const mysqlErrors = { ...connectionErrors, ...tableErrors, ...targetErrors };
