import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDiskFull, isQianzhiError, systemCode, systemReason } from '@qianzhi/model';
import { engineErrors } from '../errors.js';
import { makeFolder } from './make-folder.js';

/** Suffix of a file that is not complete; never read, removed on start. */
export const partialSuffix = '.part';

/**
 * A folder whose files are either whole and on the platter, or not there. Work is done by Node's thread pool, so
 * the event loop never waits for a disk. After a failed fsync every write is refused: the kernel may
 * have dropped the pages, and trying again would answer a success that is none.
 */
export interface DurableFolder {
  readonly path: string;
  /** Writes and fsyncs under a partial name. `name` may hold folders. */
  writePartial(name: string, bytes: Uint8Array): Promise<void>;
  /** Gives partial files their names and makes that durable. */
  publish(names: readonly string[]): Promise<void>;
  remove(name: string): Promise<void>;
  /** Removes what was written for a name that is not needed, whole or partial; also in a folder that is halted. */
  discard(name: string): Promise<void>;
  /** Removes partial files and those `keep` does not name; answers how many. */
  sweep(keep: (name: string) => boolean): Promise<number>;
}

/** The disk under one store, which may have several folders. */
export interface StoreDisk {
  /**
   * Does work on it. Throws QZ_ENGINE_DISK_FULL, or, when the disk fails and from then on, QZ_ENGINE_STORE_HALTED without
   * doing any.
   */
  readonly guarded: <T>(work: () => Promise<T>) => Promise<T>;
}

export function storeDisk(store: string): StoreDisk {
  let halted: Error | undefined;
  return {
    async guarded(work) {
      if (halted) throw halted;
      try {
        return await work();
      } catch (error) {
        const classified = classifyDiskError(error, store);
        if (isQianzhiError(classified, 'QZ_ENGINE_STORE_HALTED')) halted = classified;
        throw classified;
      }
    },
  };
}

export function durableFolder(path: string, disk: StoreDisk): DurableFolder {
  const { guarded } = disk;
  const made = new Set<string>();

  async function ensure(folder: string): Promise<void> {
    if (made.has(folder)) return;
    const first = await makeFolder(folder);
    if (first !== undefined) {
      for (let at = folder; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
    }
    made.add(folder);
  }

  return {
    path,
    writePartial: (name, bytes) =>
      guarded(async () => {
        const target = join(path, name);
        await ensure(dirname(target));
        const handle = await open(target + partialSuffix, 'w', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } catch (error) {
          await rm(target + partialSuffix, { force: true });
          throw error;
        } finally {
          await handle.close();
        }
      }),
    publish: (names) =>
      guarded(async () => {
        const folders = new Set<string>();
        for (const name of names) {
          const target = join(path, name);
          await rename(target + partialSuffix, target);
          folders.add(dirname(target));
        }
        for (const folder of folders) await syncFolder(folder);
      }),
    async discard(name) {
      await rm(join(path, name), { force: true });
      await rm(join(path, name) + partialSuffix, { force: true });
    },
    remove: (name) => guarded(() => rm(join(path, name), { force: true })),
    sweep: (keep) =>
      guarded(async () => {
        await ensure(path);
        let removed = 0;
        for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
          if (entry.isDirectory()) continue;
          const full = join(entry.parentPath, entry.name);
          const name = full.slice(path.length + 1);
          if (!name.endsWith(partialSuffix) && keep(name)) continue;
          await rm(full, { force: true });
          removed++;
        }
        return removed;
      }),
  };
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A full disk passes by itself; EIO means that what was written is uncertain. */
export function classifyDiskError(error: unknown, store: string): Error {
  const facts = { store, reason: systemReason(error) };
  if (isDiskFull(error)) return engineErrors.DISK_FULL(facts, error);
  const code = systemCode(error);
  if (code === 'EIO' || code === 'EROFS') return engineErrors.STORE_HALTED(facts, error);
  return error as Error;
}
