import { defineErrors } from '@qianzhi/model';
import { sourceTexts } from '@qianzhi/sql-kit';
import { connectionErrors } from './connection/errors.js';
import { logErrors } from './log/errors.js';
import { targetErrors } from './sink/errors.js';

/** Of tables and sources; targets' are in sink/errors.ts. Details name tables, columns and counts; never a row value. */
const tableErrors = defineErrors('POSTGRES', {
  ...sourceTexts,
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
});

export const postgresErrors = { ...connectionErrors, ...tableErrors, ...logErrors, ...targetErrors };
