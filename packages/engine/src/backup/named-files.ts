import Database from 'better-sqlite3';
import { inDatabase } from '../store/batch-table.js';

/** Paths in the state folder that its database needs: batches whose bytes it keeps, and copies comparisons start from. */
export function filesNamedBy(stateDb: string): string[] {
  const db = new Database(stateDb, { fileMustExist: true, readonly: true });
  try {
    const batches = db
      .prepare<[], string>(`SELECT file FROM batch WHERE file IS NOT NULL AND file <> '${inDatabase}'`)
      .pluck()
      .all();
    const copies = db.prepare<[], string>("SELECT resource || '/' || candidate FROM baseline").pluck().all();
    return [
      ...batches.map((file) => `outbox/${file}`),
      ...copies.map((copy) => `diff/${copy}/candidate.json`),
    ];
  } finally {
    db.close();
  }
}
