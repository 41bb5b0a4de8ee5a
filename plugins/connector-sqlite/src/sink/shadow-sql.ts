import type { SqliteDatabase } from '../file/open-file.js';
import type { Table } from '../file/table.js';
import { quoted } from '../identifier.js';

export function hasForeignKeys(db: SqliteDatabase, table: string): boolean {
  return db.prepare('SELECT 1 FROM pragma_foreign_key_list(?)').get(table) !== undefined;
}

/** SQLite stores `CREATE TABLE name …` with the name as it was written; undefined for a virtual table. */
export function renamedSql(table: Table, name: string): string | undefined {
  const found =
    /^CREATE TABLE (?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[^\s("'`[]+)([\s\S]*)$/.exec(
      table.sql,
    );
  return found ? `CREATE TABLE ${quoted(name)}${found[1]}` : undefined;
}
