import { sqliteErrors } from '../errors.js';
import { sqliteCode } from '../file/classify.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Target } from './target-table.js';

/** Why the target refuses one row. */
export interface Refusal {
  readonly item: string;
  readonly reason: string;
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_CONSTRAINT_NOTNULL/, 'required'],
  [/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)/, 'duplicate-key'],
  [/^SQLITE_CONSTRAINT_FOREIGNKEY/, 'foreign-key'],
  [/^SQLITE_CONSTRAINT_TRIGGER/, 'refused-by-trigger'],
  [/^SQLITE_CONSTRAINT_DATATYPE|^SQLITE_MISMATCH/, 'type'],
  [/^SQLITE_CONSTRAINT/, 'constraint'],
  [/^SQLITE_TOOBIG/, 'row-too-large'],
];

/**
 * The refusal that an error means for its row; any other error is thrown again. SQLite undoes the failed
 * statement alone; a trigger that rolled back everything cannot be gone on from.
 */
export function refusalOf(error: unknown, db: SqliteDatabase, target: Target): Refusal {
  const code = sqliteCode(error);
  const reason = reasons.find(([pattern]) => pattern.test(code))?.[1];
  if (reason === undefined) throw error;
  if (!db.inTransaction)
    throw sqliteErrors.TARGET_ROLLED_BACK({ table: target.table.name }, withoutValues(code));
  return { item: reason === 'required' ? itemNamed(error, target) : '*', reason };
}

/** `NOT NULL constraint failed: table.column` */
function itemNamed(error: unknown, target: Target): string {
  const message = error instanceof Error ? error.message : '';
  for (const [column, item] of target.itemOf) if (message.endsWith(`.${column}`)) return item;
  return '*';
}

/** A trigger's own message may hold a row value: only the code goes on. */
export function withoutValues(code: string): Error {
  return new Error(code);
}
