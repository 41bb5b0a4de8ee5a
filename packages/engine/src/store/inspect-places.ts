import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { StreamPlace } from '../provider/alongside.js';

/** Where the streams of a state folder are, also while an agent runs. Changes nothing; without a state there are none. */
export function inspectPlaces(stateDir: string): ReadonlyMap<string, StreamPlace> {
  const file = join(stateDir, 'state.db');
  if (!existsSync(file)) return new Map();
  const db = new Database(file, { fileMustExist: true, readonly: true });
  try {
    const rows = db
      .prepare<[], StreamPlace & { readonly resource: string }>(
        'SELECT resource, checkpoint, committed FROM stream',
      )
      .all();
    return new Map(rows.map((row) => [row.resource, row]));
  } finally {
    db.close();
  }
}
