import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { platformErrors } from '../errors.js';

/** Held for the life of the process; the system lets go of it when the process dies, however it dies. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the data folder for this process, by SQLite's own file lock. Throws QZ_PLATFORM_DATA_DIR_IN_USE at once when
 * another process, or this one, has it.
 */
export function lockFolder(dataDir: string): FolderLock {
  const lock = new BetterSqlite3(join(dataDir, 'platform.lock'), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw platformErrors.DATA_DIR_IN_USE({ dataDir });
  }
  return { release: () => lock.close() };
}
