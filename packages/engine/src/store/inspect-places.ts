import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { StreamPlace } from '../provider/alongside.js';
import { isLong } from './long-checkpoints.js';

/** Where the streams of a state folder are, also while an agent runs. Changes nothing; without a state there are none. */
export function inspectPlaces(stateDir: string): ReadonlyMap<string, StreamPlace> {
  const file = join(stateDir, 'state.db');
  if (!existsSync(file)) return new Map();
  const db = new Database(file, { fileMustExist: true, readonly: true });
  try {
    const apart =
      db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'long_checkpoint'").get() !== undefined;
    const text = (column: string) =>
      apart
        ? `iif(${isLong(column)}, (SELECT text FROM long_checkpoint WHERE n = CAST(substr(${column}, 2) AS INTEGER)), ${column}) AS ${column}`
        : column;
    const rows = db
      .prepare<[], StreamPlace & { readonly resource: string }>(
        `SELECT resource, ${text('checkpoint')}, ${text('committed')} FROM stream`,
      )
      .all();
    return new Map(rows.map((row) => [row.resource, row]));
  } finally {
    db.close();
  }
}
