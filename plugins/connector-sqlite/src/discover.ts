import type { ColumnDescription, DiscoverFilter, TableDescription } from '@qianzhi/plugin-api';
import { isOwnName } from '@qianzhi/sql-kit';
import { sqliteCode } from './file/classify.js';
import { nativeType } from './file/native-type.js';
import type { SqliteDatabase } from './file/open-file.js';
import { countRows, describeTable, type Table } from './file/table.js';

/** Tables and views of the file, by name; our own tables are left out. Rows of tables are counted, views' are not. */
export function discoverTables(db: SqliteDatabase, filter: DiscoverFilter): TableDescription[] {
  if (filter.schema !== undefined && filter.schema !== 'main') return [];
  const names = db
    .prepare(
      `SELECT name FROM pragma_table_list
       WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .pluck()
    .all() as string[];
  return names
    .filter(
      (name) =>
        !isOwnName(name) && (filter.table === undefined || name.toLowerCase() === filter.table.toLowerCase()),
    )
    .flatMap((name) => describeOne(db, name));
}

function describeOne(db: SqliteDatabase, name: string): TableDescription[] {
  try {
    const table = describeTable(db, name);
    return table ? [describe(db, table)] : [];
  } catch (error) {
    // one view over a table that is gone must not hide all the others
    if (sqliteCode(error) !== 'SQLITE_ERROR') throw error;
    const comment = '无法读取:所引用的表或列已不存在 / cannot be read: what it refers to is gone';
    return [{ schema: null, table: name, kind: 'view', rows: null, comment, columns: [], primaryKey: [] }];
  }
}

function describe(db: SqliteDatabase, table: Table): TableDescription {
  return {
    schema: null,
    table: table.name,
    kind: table.kind,
    rows: table.kind === 'table' ? countRows(db, table.name) : null,
    comment: null,
    columns: table.columns.map(
      (column): ColumnDescription => ({
        name: column.name,
        nativeType: column.declared,
        ...nativeType(column.declared),
        nullable: !column.required && !(table.rowidIsKey && table.primaryKey[0] === column.name),
        comment: null,
      }),
    ),
    primaryKey: table.primaryKey,
    indexed: leadingColumns(table),
  };
}

/** The rowid and a key without a rowid are in no list of indexes. */
function leadingColumns({ indexes, primaryKey, rowidIsKey, withoutRowid }: Table): string[] {
  const leading = indexes.flatMap(({ partial, columns: [first] }) =>
    !partial && typeof first === 'string' ? [first] : [],
  );
  return [...new Set([...(rowidIsKey || withoutRowid ? primaryKey.slice(0, 1) : []), ...leading])];
}
