import { judgeClaim, ownName, TARGETS } from '@qianzhi/sql-kit';
import { sqliteErrors } from '../errors.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { columnOf } from '../file/table.js';
import { quoted } from '../identifier.js';
import type { Target } from './target-table.js';
import type { Writing } from './writing.js';

/** Name of the table of keys that each supplier of a shared target delivered. */
export function keyTableOf(target: Target): string {
  return ownName('keys', target.table.name.toLowerCase());
}

/**
 * Enters the supplier as the one that feeds the table. Throws TARGET_TAKEN (config) when another one does: its
 * rows would be deleted by this one's snapshots. One whose grant has ended gives way. With `shared` each supplier's keys are kept, so that a snapshot
 * only deletes what its own supplier no longer has.
 */
export function claimTarget({ db, spec, ended }: Writing, target: Target, supplier: string): void {
  const table = target.table.name.toLowerCase();
  const before = db.prepare(`SELECT supplier FROM ${TARGETS} WHERE "table" = ?`).pluck().get(table) as
    | string
    | undefined;
  const { shared, takeOver } = spec;
  const { state, wanted } = judgeClaim({ before, supplier, shared, takeOver, ended });
  if (shared) createKeyTable(db, target);
  if (state === 'held') return;
  if (state === 'taken')
    throw sqliteErrors.TARGET_TAKEN({ table: target.table.name, supplier: before ?? '' });
  if (shared && before !== undefined) seedKeys(db, target, before);
  db.prepare(
    `INSERT INTO ${TARGETS} ("table", supplier) VALUES (?, ?) ON CONFLICT ("table") DO UPDATE SET supplier = excluded.supplier`,
  ).run(table, wanted);
}

function createKeyTable(db: SqliteDatabase, target: Target): void {
  const columns = target.keys.map(
    (key) => `${key} ${columnOf(target.table, plainName(key))?.affinity ?? 'BLOB'} NOT NULL`,
  );
  const keys = target.keys.join(', ');
  const name = quoted(keyTableOf(target));
  if (keys === '') throw sqliteErrors.TARGET_KEY({ table: target.table.name, columns: 'shared' });
  db.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (qianzhi_supplier TEXT NOT NULL, ${columns.join(', ')}, PRIMARY KEY (${keys}, qianzhi_supplier)) WITHOUT ROWID`,
  );
}

/** The table had one supplier so far: everything in it is that one's. */
function seedKeys(db: SqliteDatabase, target: Target, supplier: string): void {
  const keys = target.keys.join(', ');
  db.prepare(
    `INSERT OR IGNORE INTO ${quoted(keyTableOf(target))} (qianzhi_supplier, ${keys}) SELECT ?, ${keys} FROM ${quoted(target.table.name)}`,
  ).run(supplier);
}

function plainName(quotedName: string): string {
  return quotedName.slice(1, -1).replaceAll('""', '"');
}
