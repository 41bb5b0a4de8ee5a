import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isQianzhiError, systemReason } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { engineErrors } from '../errors.js';
import { openLog } from './log-file.js';
import { migrations } from './schema.js';

export interface Store {
  readonly db: Database.Database;
  /** Runs `change` as one durable transaction. Throws QZ_ENGINE_DISK_FULL or QZ_ENGINE_STORE_HALTED. */
  write<T>(change: () => T): T;
  /**
   * Runs `change` as one transaction that a loss of power may still take back, together with all after it, until `synced` says
   * otherwise; nobody waits for the disk. For what is found again: what leaves the process on its account awaits `synced` first.
   */
  writeAhead<T>(change: () => T): T;
  /** Resolves when all that was written before is durable. Throws QZ_ENGINE_STORE_HALTED. */
  synced(): Promise<void>;
  /** How many changes were undone: what is remembered of what they wrote holds no more. */
  undone(): number;
  /** Why nothing is written any more, after a failed fsync. */
  halted(): unknown;
  /** From now on nothing is written: the process is to look as a crash leaves it. */
  freeze(): void;
  close(): void;
}

const FULL = 2;

/** Opens the agent's database with every commit on the platter before it returns; asserts that it is so. */
export function openStore(stateDir: string): Store {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, 'state.db');
  const db = new Database(file);
  let frozen = false;
  let halted: unknown;
  let undone = 0;
  try {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    // the driver's own default is 16 MB, and the system keeps what was read anyway
    db.pragma('cache_size = -2000');
    assertSetting(file, db, 'journal_mode', 'wal');
    assertSetting(file, db, 'synchronous', FULL);
    // each time it is full, it is copied back by the thread that commits, with two syncs
    db.pragma('wal_autocheckpoint = 4000');
    migrate(db, file);
  } catch (error) {
    db.close();
    throw error;
  }

  // one wrapper for all: making one costs more than many a change
  const inTransaction = db.transaction((change: () => unknown) => change());
  const log = openLog(db, (error) => {
    halted = engineErrors.STORE_HALTED({ store: 'state.db', reason: systemReason(error) }, error);
  });

  function change<T>(work: () => T): T {
    if (halted !== undefined) throw halted;
    if (frozen) throw engineErrors.STOPPING({ what: 'state.db' });
    try {
      return inTransaction.immediate(work) as T;
    } catch (error) {
      undone++;
      const classified = classify(error);
      if (isQianzhiError(classified, 'QZ_ENGINE_STORE_HALTED')) halted = classified;
      throw classified;
    }
  }

  return {
    db,
    undone: () => undone,
    // says nothing of what was written ahead: a transaction that leaves all as it was never gets to the disk
    write: change,
    writeAhead(work) {
      db.pragma('synchronous = NORMAL');
      try {
        return change(work);
      } finally {
        db.pragma('synchronous = FULL');
        log.written();
      }
    },
    async synced() {
      if (halted !== undefined) throw halted;
      try {
        await log.synced();
      } catch (error) {
        throw halted ?? error;
      }
    },
    halted: () => halted,
    freeze() {
      frozen = true;
    },
    close() {
      log.close();
      db.close();
    },
  };
}

function assertSetting(file: string, db: Database.Database, setting: string, wanted: string | number): void {
  const found = db.pragma(setting, { simple: true });
  if (found !== wanted) {
    throw engineErrors.STORE_NOT_DURABLE({ file, setting, wanted, found: String(found) });
  }
}

function migrate(db: Database.Database, file: string): void {
  const found = db.pragma('user_version', { simple: true }) as number;
  if (found > migrations.length) throw engineErrors.STORE_NEWER({ file, found, wanted: migrations.length });
  for (let version = found; version < migrations.length; version++) {
    db.transaction(() => {
      db.exec(migrations[version]!);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
}

/** A full disk passes; a disk that fails halts the store, because nothing it says is certain any more. */
function classify(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const facts = { store: 'state.db', reason: systemReason(error) };
  // SHMSIZE: there was no room for a longer index of the log, which holds nothing of its own
  if (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE')
    return engineErrors.DISK_FULL({ ...facts, reason: systemReason({ code: 'SQLITE_FULL' }) }, error);
  if (error.code.startsWith('SQLITE_IOERR') || error.code.startsWith('SQLITE_CORRUPT')) {
    return engineErrors.STORE_HALTED(facts, error);
  }
  return error;
}
