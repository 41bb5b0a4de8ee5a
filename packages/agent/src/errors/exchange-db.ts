import { defineErrors } from '@qianzhi/model';

/** Of the tables between a department's systems and the agent (前置库). */
export const exchangeDbErrors = defineErrors('AGENT', {
  EXCHANGE_DB_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '连接器 {connector} 的类型不能建立前置库',
      hint: '改用数据库类型的连接器;没有的先执行 qianzhi connector add',
    },
    en: {
      message: 'connectors of the type of {connector} make no exchange tables',
      hint: 'use a connector to a database; where there is none run `qianzhi connector add` first',
    },
  },
  EXCHANGE_DB_KEYLESS: {
    kind: 'config',
    zh: {
      message: '目录资源 {resource} 没有主键项,前置库无从分辨哪一行变了',
      hint: '由编目员标明主键项(key: true)后执行 qianzhi catalog publish 文件,或以 qianzhi exchange add 直接交换整表',
    },
    en: {
      message: 'resource {resource} has no key item: exchange tables could not tell which row changed',
      hint: 'mark key items (`key: true`) and run `qianzhi catalog publish FILE`, or exchange whole tables by `qianzhi exchange add`',
    },
  },
  EXCHANGE_DB_COLUMN: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 的信息项列 {column} 与前置库自用的列名 qz_… 相冲突',
      hint: '由编目员改列名后执行 qianzhi catalog publish 文件',
    },
    en: {
      message: 'item column {column} of resource {resource} may be a column of the exchange tables (qz_…)',
      hint: 'have the column renamed in the catalog: `qianzhi catalog publish FILE`',
    },
  },
  EXCHANGE_DB_EXISTS: {
    kind: 'conflict',
    zh: {
      message: '连接器 {connector} 的库中已有 {tables}',
      hint: '已建好的直接使用,表结构见 qianzhi connector discover {connector};要重建,先备份并删除它们再执行',
    },
    en: {
      message: 'the database of connector {connector} has {tables} already',
      hint: 'use them as they are, see `qianzhi connector discover {connector}`; to make them anew save and drop them first',
    },
  },
});
