import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isQianzhiError, type QianzhiError, systemReason, throwIfCancelled } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import { takeTurn } from '@qianzhi/sql-kit';
import Database from 'better-sqlite3';
import { inboxErrors } from '../errors.js';
import { migrations } from './schema.js';
import { createSeal, type Seal } from './seal.js';

/** The inbox of one exchange: a file of its own in the agent's state folder. */
export interface Store {
  readonly exchange: string;
  readonly file: string;
  readonly db: Database.Database;
  readonly seal: Seal;
  /** Answers or throws a coded error. */
  read<T>(look: () => T): T;
  /** One transaction, durable when it resolves; those of this process that write the file have their turn one after the other. */
  write<T>(doing: string, signal: AbortSignal, change: () => Promise<T>): Promise<T>;
  close(): void;
}

const FOLDER = 'received';
const BUSY_MS = 5_000;

/** Throws QZ_INBOX_NO_STATE where there is no agent's state folder, _STORE_NEWER, and what is wrong with the disk. */
export async function openStore(exchange: string, context: PluginContext): Promise<Store> {
  const own = await context.keep?.(FOLDER);
  if (!own) throw inboxErrors.NO_STATE({ exchange });
  const file = join(own.folder, `${exchange}.db`);
  const coded = (error: unknown) => classify(error, exchange, file);
  let opened: Database.Database | undefined;
  try {
    opened = new Database(file, { timeout: BUSY_MS });
    prepare(opened, exchange, file);
  } catch (error) {
    opened?.close();
    throw coded(error);
  }
  const db = opened;
  return {
    exchange,
    file,
    db,
    seal: createSeal(own.key, exchange),
    read(look) {
      try {
        return look();
      } catch (error) {
        throw coded(error);
      }
    },
    async write(doing, signal, change) {
      throwIfCancelled(signal, doing);
      const leave = await takeTurn(file, doing, signal);
      try {
        db.exec('BEGIN IMMEDIATE');
        const answer = await change();
        db.exec('COMMIT');
        return answer;
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw coded(error);
      } finally {
        leave();
      }
    },
    close: () => db.close(),
  };
}

function prepare(db: Database.Database, exchange: string, file: string): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('cache_size = -8000');
  if (db.pragma('synchronous', { simple: true }) !== 2)
    throw inboxErrors.DAMAGED({ exchange, file, reason: 'synchronous' });
  const found = db.pragma('user_version', { simple: true }) as number;
  const wanted = migrations.length;
  if (found > wanted) throw inboxErrors.STORE_NEWER({ file, found, wanted });
  for (let version = found; version < wanted; version++) {
    db.transaction(() => {
      db.exec(migrations[version]!);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
  db.prepare('INSERT OR IGNORE INTO inbox (one, origin) VALUES (1, ?)').run(randomUUID().slice(0, 8));
}

/** A full disk passes; one that fails says nothing certain any more. */
function classify(error: unknown, exchange: string, file: string): QianzhiError {
  if (isQianzhiError(error)) return error;
  const reason = systemReason(error);
  if (!(error instanceof Database.SqliteError))
    return inboxErrors.INTERNAL(
      { exchange, reason: error instanceof Error ? error.name : typeof error },
      error,
    );
  if (/^SQLITE_(FULL|BUSY|CANTOPEN|READONLY|IOERR_SHMSIZE)/.test(error.code))
    return inboxErrors.DISK({ exchange, reason }, error);
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code))
    return inboxErrors.DAMAGED({ exchange, file, reason }, error);
  return inboxErrors.INTERNAL({ exchange, reason: error.code }, error);
}
