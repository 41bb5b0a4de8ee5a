import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isDiskFull, isQianzhiError, type QianzhiError, systemReason } from '@qianzhi/model';
import { createDataSync } from '@qianzhi/rows/data-sync';
import { exchangeErrors } from '../errors.js';

/** What can go wrong on a disk; a test may put faults in between. */
export interface Disk {
  /** Writes all the bytes at `position`. */
  write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves when what was written, so many bytes, survives loss of power. */
  sync(file: FileHandle, bytes: number): Promise<void>;
  /** The same of names made or changed in a folder. */
  syncNames(folder: FileHandle): Promise<void>;
}

/** Up to this size the way to a thread and back costs more than writing, which ends in the system's memory, and than the sync of a quick disk. */
const AT_ONCE_BYTES = 64 * 1024;

const syncFew = createDataSync();

export const realDisk: Disk = {
  async write(file, bytes, position) {
    for (let done = 0; done < bytes.length; ) {
      const left = [bytes, done, bytes.length - done, position + done] as const;
      const atOnce = bytes.length <= AT_ONCE_BYTES;
      done += atOnce ? writeSync(file.fd, ...left) : (await file.write(...left)).bytesWritten;
    }
  },
  sync: (file, bytes) => (bytes <= AT_ONCE_BYTES ? syncFew(file.fd) : file.datasync()),
  syncNames: (folder) => folder.sync(),
};

/** Makes names created or renamed in a folder survive loss of power. */
export async function syncFolder(folder: string, disk: Disk): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await disk.syncNames(handle);
  } finally {
    await handle.close();
  }
}

/** Whether the store still writes: after a failed write or fsync nobody knows what the disk holds. */
export interface Health {
  /** Throws QZ_PLATFORM_STORE_HALTED once the store has halted. */
  check(): void;
  /**
   * A failure of a write into one part of the store as a coded error. A full disk (ENOSPC, EDQUOT) is QZ_PLATFORM_STORE_FULL and passes; any other
   * halts the store for good.
   */
  failed(cause: unknown, part: 'files' | 'segments'): QianzhiError;
}

export function createHealth(folder: string): Health {
  let halted: QianzhiError | undefined;
  return {
    check() {
      if (halted) throw halted;
    },
    failed(cause, part) {
      if (isQianzhiError(cause)) return cause;
      const facts = { folder, reason: systemReason(cause) };
      if (isDiskFull(cause)) return exchangeErrors.STORE_FULL(facts, cause);
      halted ??= exchangeErrors.STORE_HALTED({ ...facts, part }, cause);
      return halted;
    },
  };
}
