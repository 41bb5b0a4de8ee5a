import { rowTriggerTables, type SqlExchangeTables } from '@qianzhi/sql-kit';

/** DM8. */
export const damengExchangeTables: SqlExchangeTables = {
  ...rowTriggerTables,
  serial: 'BIGINT IDENTITY(1, 1) PRIMARY KEY',
  time: 'TIMESTAMP(6) DEFAULT SYSDATE NOT NULL',
  status: 'SMALLINT',
  text: (length) => `VARCHAR(${length} CHAR)`,
  // no digest that every version has
  keyHash: () => 'NULL',
};
