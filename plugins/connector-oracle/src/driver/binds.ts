import type { LoadColumn, SqlBind } from '@qianzhi/sql-kit';
import oracledb from 'oracledb';

/** Text is bound as national text: the database's own character set may lack characters of it. */
export function namedBinds(binds: readonly SqlBind[]): oracledb.BindParameters {
  const named: Record<string, oracledb.BindParameter> = {};
  for (const [at, val] of binds.entries()) {
    const type =
      typeof val === 'number'
        ? oracledb.DB_TYPE_NUMBER
        : Buffer.isBuffer(val)
          ? oracledb.DB_TYPE_RAW
          : oracledb.DB_TYPE_NVARCHAR;
    named[`p${at + 1}`] = { val, type, dir: oracledb.BIND_IN };
  }
  return named;
}

/** How the values of a staged column are sent; text as wide as the widest of these rows. */
export function loadBinds(
  columns: readonly LoadColumn[],
  rows: readonly (readonly SqlBind[])[],
): oracledb.BindDefinition[] {
  return columns.map(({ kind }, at) => {
    if (kind === 'integer') return { type: oracledb.DB_TYPE_NUMBER };
    if (kind === 'double') return { type: oracledb.DB_TYPE_BINARY_DOUBLE };
    const type = kind === 'binary' ? oracledb.DB_TYPE_RAW : oracledb.DB_TYPE_NVARCHAR;
    const maxSize = rows.reduce((most, row) => Math.max(most, sizeOf(row[at] ?? null)), 1);
    return { type, maxSize };
  });
}

export function sizeOf(bind: SqlBind): number {
  if (typeof bind === 'string') return Buffer.byteLength(bind);
  return Buffer.isBuffer(bind) ? bind.length : 8;
}

/** Numbers as the text the driver decodes them to, and large values whole: no value passes through a JS number or a LOB handle. */
export function fetchTypeHandler({ dbType }: { readonly dbType?: unknown }) {
  if (dbType === oracledb.DB_TYPE_NUMBER) return { type: oracledb.STRING };
  if (dbType === oracledb.DB_TYPE_CLOB || dbType === oracledb.DB_TYPE_NCLOB) return { type: oracledb.STRING };
  return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
}
