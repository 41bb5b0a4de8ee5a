import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { SqliteConfig } from '../config.js';
import { sqliteErrors } from '../errors.js';
import type { Doing } from './classify.js';
import { whenFree } from './pace.js';

export type SqliteDatabase = Database.Database;

/** Absolute, so that `file:` names and `:memory:` are nothing but odd file names. */
export function databasePath(config: SqliteConfig): string {
  return resolve(config.path);
}

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * Looks at the file without SQLite. Throws FILE_MISSING, FOLDER_MISSING, NOT_A_FILE, NO_PERMISSION or NOT_A_DATABASE.
 * Answers whether the file is in WAL mode; a missing file that may be created is `absent`.
 */
export function inspectFile(config: SqliteConfig): 'absent' | 'wal' | 'rollback' {
  const path = databasePath(config);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) {
    if (!config.create) throw sqliteErrors.FILE_MISSING({ path });
    if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory())
      throw sqliteErrors.FOLDER_MISSING({ path });
    return 'absent';
  }
  if (!stat.isFile()) throw sqliteErrors.NOT_A_FILE({ path });
  const header = Buffer.alloc(20);
  try {
    const file = openSync(path, 'r');
    try {
      if (readSync(file, header, 0, 20, 0) === 0) return 'rollback';
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw sqliteErrors.NO_PERMISSION({ path, need: { zh: '读取', en: 'read' } }, error);
  }
  if (!header.subarray(0, 16).equals(MAGIC)) throw sqliteErrors.NOT_A_DATABASE({ path });
  return header[18] === 2 ? 'wal' : 'rollback';
}

/**
 * Opens for reading. A file in rollback mode is opened read-only. In WAL mode every reader needs the -wal and
 * -shm files, and only a connection that may write removes them when it leaves: such a file is opened for writing
 * where that is allowed and then closed to every statement that writes (`query_only`).
 */
export function openForReading(config: SqliteConfig, signal: AbortSignal): Promise<SqliteDatabase> {
  return waiting(config, signal, () => readingDatabase(config));
}

function readingDatabase(config: SqliteConfig): SqliteDatabase {
  const path = databasePath(config);
  const mode = inspectFile({ ...config, create: false });
  const readonly = mode !== 'wal' || !isWritable(path) || !isWritable(dirname(path));
  return opened(path, { readonly, fileMustExist: true, timeout: 0 }, (db) => {
    if (!readonly) db.pragma('query_only = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('schema_version');
  });
}

/**
 * Opens for writing with synchronous=FULL, asserted (promise 1). The journal mode of an existing file stays as its
 * owner has it; a file made here is in WAL mode, so that its readers never stop the exchange.
 */
export function openForWriting(config: SqliteConfig, signal: AbortSignal): Promise<SqliteDatabase> {
  return waiting(config, signal, () => writingDatabase(config));
}

function writingDatabase(config: SqliteConfig): SqliteDatabase {
  const path = databasePath(config);
  const absent = requireWritable(config) === 'absent';
  return opened(path, { fileMustExist: !absent, timeout: 0 }, (db) => {
    if (absent) db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    if (Number(db.pragma('synchronous', { simple: true })) < 2) throw sqliteErrors.NOT_DURABLE({ path });
    db.pragma('foreign_keys = ON');
    db.pragma('trusted_schema = OFF');
    db.pragma('cache_size = -32000');
    db.pragma('schema_version');
  });
}

/** Looks at the file as opening it for writing does. Throws what `inspectFile` does, TARGET_READ_ONLY and NO_PERMISSION. */
export function requireWritable(config: SqliteConfig): ReturnType<typeof inspectFile> {
  const path = databasePath(config);
  if (config.readOnly) throw sqliteErrors.TARGET_READ_ONLY({ server: path });
  const found = inspectFile(config);
  // a journal is made beside the file with every transaction
  for (const written of found === 'absent' ? [dirname(path)] : [path, dirname(path)]) {
    if (!isWritable(written))
      throw sqliteErrors.NO_PERMISSION({ path: written, need: { zh: '写入', en: 'write' } });
  }
  return found;
}

function waiting(
  config: SqliteConfig,
  signal: AbortSignal,
  open: () => SqliteDatabase,
): Promise<SqliteDatabase> {
  const about: Doing = { doing: 'open', path: databasePath(config) };
  return whenFree(open, about, config.busyTimeoutMs, signal);
}

function opened(
  path: string,
  options: Database.Options,
  prepare: (db: SqliteDatabase) => void,
): SqliteDatabase {
  let db: SqliteDatabase | undefined;
  try {
    db = new Database(path, options);
    prepare(db);
    return db;
  } catch (error) {
    db?.close();
    throw error;
  }
}

export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
