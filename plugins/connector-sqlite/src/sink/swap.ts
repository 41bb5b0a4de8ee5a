import type { SqliteDatabase } from '../file/open-file.js';
import { quoted } from '../identifier.js';
import { hasForeignKeys } from './shadow-sql.js';
import type { Target } from './target-table.js';

/**
 * Puts the shadow in the place of an empty table, in the transaction of the last part. Only where nothing else
 * hangs on the table: no views or triggers, no foreign keys to or from it, no indexes made apart, no column outside
 * the items. Answers false where that does not hold: the caller merges.
 */
export function swapIn(db: SqliteDatabase, target: Target, shadow: string): boolean {
  const { table } = target;
  if (!target.covered || table.indexes.some((index) => index.explicit) || !isCopy(db, table.sql, shadow))
    return false;
  if (db.prepare(`SELECT 1 FROM ${quoted(table.name)} LIMIT 1`).get() !== undefined) return false;
  if (hasForeignKeys(db, table.name) || isMentioned(db, table.name)) return false;
  db.exec('SAVEPOINT qianzhi_swap');
  try {
    db.exec(
      `DROP TABLE ${quoted(table.name)}; ALTER TABLE ${quoted(shadow)} RENAME TO ${quoted(table.name)}; RELEASE qianzhi_swap`,
    );
    return true;
  } catch {
    // an unrelated view that no longer compiles stops every RENAME in the file
    db.exec('ROLLBACK TO qianzhi_swap; RELEASE qianzhi_swap');
    return false;
  }
}

function isCopy(db: SqliteDatabase, sql: string, shadow: string): boolean {
  const copy = db
    .prepare(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`)
    .pluck()
    .get(shadow) as string | undefined;
  const explicit = db
    .prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`)
    .get(shadow);
  // what follows the name is the same text
  return (
    copy !== undefined &&
    explicit === undefined &&
    sql.includes('(') &&
    copy.endsWith(sql.slice(sql.indexOf('(')))
  );
}

/** Views, triggers and other tables' foreign keys that name the table, or text that merely looks like it. */
function isMentioned(db: SqliteDatabase, name: string): boolean {
  const others = db
    .prepare(
      `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> ? AND (type IN ('view', 'trigger') OR (type = 'table' AND sql LIKE '%references%'))`,
    )
    .pluck()
    .all(name) as string[];
  return others.some((sql) => sql.toLowerCase().includes(name.toLowerCase()));
}
