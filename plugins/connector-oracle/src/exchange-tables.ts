import { rowTriggerTables, type SqlExchangeTables } from '@qianzhi/sql-kit';

/** Oracle 12.1 and later. */
export const oracleExchangeTables: SqlExchangeTables = {
  ...rowTriggerTables,
  serial: 'NUMBER(19) GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  time: 'TIMESTAMP(6) DEFAULT SYSTIMESTAMP NOT NULL',
  status: 'NUMBER(5)',
  text: (length) => `NVARCHAR2(${length})`,
  keyHash: (columns) => `LOWER(RAWTOHEX(STANDARD_HASH(${columns.join(" || '|' || ")}, 'MD5')))`,
};
