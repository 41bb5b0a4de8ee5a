import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { engineErrors } from './errors.js';

export interface InstanceLock {
  release(): void;
}

/**
 * One live instance per state folder. The lock is SQLite's own exclusive file lock: the system drops it with the process,
 * so a crash leaves nothing to clear and a reused pid cannot fool it. Throws QZ_ENGINE_ALREADY_RUNNING.
 */
export function lockInstance(stateDir: string): InstanceLock {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const pidFile = join(stateDir, 'instance.pid');
  const database = new Database(join(stateDir, 'instance.lock'), { timeout: 0 });
  try {
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    throw engineErrors.ALREADY_RUNNING({ folder: stateDir, pid: readPid(pidFile) }, cause);
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError &&
    (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
  );
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '?'; // the other process holds the lock and has not written its pid yet
  }
}
