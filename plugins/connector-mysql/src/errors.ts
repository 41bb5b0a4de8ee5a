import { defineErrors } from '@qianzhi/model';
import { sourceTexts } from '@qianzhi/sql-kit';
import { connectionErrors } from './connection/errors.js';
import { logErrors } from './log/errors.js';
import { targetErrors } from './sink/errors.js';

/** Of tables and sources; targets' are in sink/errors.ts. Details name tables, columns and counts; never a row value. */
const tableErrors = defineErrors('MYSQL', sourceTexts);

export const mysqlErrors = { ...connectionErrors, ...tableErrors, ...logErrors, ...targetErrors };
