import { randomUUID } from 'node:crypto';
import { isQianzhiError, type QianzhiError, systemReason } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { pushErrors } from '../errors.js';
import { migrations } from './schema.js';

const BUSY_MS = 5_000;

/** Opens the file with every commit on the platter before it returns; asserts that it is so. */
export function openFile(file: string, resource: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: BUSY_MS });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('cache_size = -8000');
    if (db.pragma('synchronous', { simple: true }) !== 2)
      throw pushErrors.DAMAGED({ file, reason: 'synchronous' });
    migrate(db, file);
    return db;
  } catch (error) {
    db?.close();
    throw classify(error, resource, file);
  }
}

function migrate(db: Database.Database, file: string): void {
  const found = db.pragma('user_version', { simple: true }) as number;
  const wanted = migrations.length;
  if (found > wanted) throw pushErrors.STORE_NEWER({ file, found, wanted });
  for (let version = found; version < wanted; version++) {
    db.transaction(() => {
      db.exec(migrations[version]!);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
  db.prepare('INSERT OR IGNORE INTO log (one, origin) VALUES (1, ?)').run(randomUUID());
}

/** A full disk passes; one that fails says nothing certain any more. */
export function classify(error: unknown, resource: string, file: string): QianzhiError {
  if (isQianzhiError(error)) return error;
  const reason = systemReason(error);
  if (!(error instanceof Database.SqliteError))
    return pushErrors.INTERNAL(
      { resource, reason: error instanceof Error ? error.name : typeof error },
      error,
    );
  if (/^SQLITE_(FULL|BUSY|CANTOPEN|READONLY|IOERR_SHMSIZE)/.test(error.code))
    return pushErrors.DISK({ resource, reason }, error);
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code)) return pushErrors.DAMAGED({ file, reason }, error);
  return pushErrors.INTERNAL({ resource, reason: error.code }, error);
}
