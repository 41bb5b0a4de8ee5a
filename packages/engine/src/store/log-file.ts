import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { createDataSync } from '@qianzhi/rows/data-sync';
import type Database from 'better-sqlite3';

/** What is written and not yet synced by itself waits this long at most. */
const SOON_MS = 50;

/** SQLite's log, synced apart from its commits. */
export interface LogFile {
  /** A transaction was committed without waiting for the disk. */
  written(): void;
  /** Resolves when all written before is on the disk; those who wait together share one sync. */
  synced(): Promise<void>;
  /** Syncs what is left. */
  close(): void;
}

/**
 * Comes before anything is asked of a connection. A log that is there was left by a process that was killed, perhaps before it had
 * synced what SQLite now reads from it. After a sync that failed nobody knows what the disk holds: `onFailure` is told, and none is
 * tried again.
 */
export function openLog(db: Database.Database, onFailure: (error: unknown) => void): LogFile {
  // SQLite opens or makes its log with the first read, and keeps one and the same file for as long as the connection is open
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  const fd = openSync(`${db.name}-wal`, 'r+');
  fdatasyncSync(fd);
  const dataSync = createDataSync();
  let written = 0;
  let durable = 0;
  let failed: { readonly error: unknown } | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  async function sync(): Promise<void> {
    clearTimeout(soon);
    soon = undefined;
    const upTo = written;
    try {
      await dataSync(fd);
      durable = Math.max(durable, upTo);
    } catch (error) {
      failed = { error };
      onFailure(error);
    } finally {
      running = undefined;
    }
  }

  async function synced(): Promise<void> {
    const wanted = written;
    while (durable < wanted) {
      if (failed) throw failed.error;
      // one that is under way may have begun before the last of it was written
      running ??= sync();
      await running;
    }
  }

  return {
    synced,
    written() {
      written++;
      soon ??= setTimeout(() => {
        if (!failed) running ??= sync();
      }, SOON_MS).unref();
    },
    close() {
      if (closed) return;
      closed = true;
      clearTimeout(soon);
      if (durable < written && !failed) fdatasyncSync(fd);
      closeSync(fd);
    },
  };
}
