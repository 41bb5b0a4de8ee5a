import type { SqlExchangeTables } from '@qianzhi/sql-kit';
import { quoted } from './identifier.js';

/** SQL Server 2012 and later. Triggers fire once for a statement. */
export const mssqlExchangeTables: SqlExchangeTables = {
  terminator: 'GO',
  indexInSchema: false,
  serial: 'bigint IDENTITY(1, 1) NOT NULL PRIMARY KEY',
  time: 'datetime2(6) DEFAULT SYSDATETIME() NOT NULL',
  status: 'smallint',
  literal,
  text: (length) => `nvarchar(${length})`,
  keyHash: (columns) =>
    `LOWER(CONVERT(varchar(32), HASHBYTES('MD5', CONCAT('', ${columns.join(", '|', ")})), 2))`,
  comment(schema = 'dbo', table, column, text) {
    const at = [`N'SCHEMA', ${literal(schema)}`, `N'TABLE', ${literal(table)}`];
    if (column !== undefined) at.push(`N'COLUMN', ${literal(column)}`);
    return `EXEC sys.sp_addextendedproperty N'MS_Description', ${literal(text)}, ${at.join(', ')}`;
  },
  trigger(event, table, { into, values }) {
    const rows = event === 'DELETE' ? 'deleted' : 'inserted';
    return `ON ${table} AFTER ${event} AS
BEGIN
  SET NOCOUNT ON;
  ${into} SELECT ${values(quoted('r'))} FROM ${rows} ${quoted('r')};
END`;
  },
};

function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
