import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../folder/classify.js';
import { renameDurably, syncFolder } from '../folder/durable.js';
import { wholeDigestOf } from '../folder/identity.js';
import type { Target } from '../sink/target.js';
import { folderNames } from './folder-names.js';

/** Below the target's folder: what providers took away, under numbers, so that no name is taken twice. */
export const REMOVED_FOLDER = 'removed';

/** What stands where a target's documents end up. */
export interface Standing {
  /** Of these names, those that something there has but for letter case. */
  twinsOf(names: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>>;
  /** Has `work` give files these names there. */
  put(names: readonly string[], work: () => Promise<void>): Promise<void>;
  /** Digest of a file of this size, `other-size` for one of another; undefined where there is nothing. */
  look(
    name: string,
    size: number,
    signal: AbortSignal,
  ): Promise<string | 'other-size' | 'no-file' | undefined>;
  /** Deletes a file, or puts it aside under a name; answers whether there was one. Its marker goes first: without it nobody takes the file any more. */
  takeAway(name: string, aside: string, signal: AbortSignal): Promise<boolean>;
}

/** In the target's own folder. */
export function standingIn({ folder, spec }: Pick<Target, 'folder' | 'spec'>): Standing {
  const names = folderNames(folder);
  // marker and manifest stand there, too: the folder is listed again
  const alone = spec.marker === undefined && !spec.manifest;
  return {
    twinsOf: (some) => names.twinsOf(some),
    put: (some, work) => (alone ? names.put(some, work) : work()),
    async look(name, size, signal) {
      const path = join(folder, name);
      const kind = await kindOf(path);
      return kind === 'file' ? ((await digestAt(path, size, signal)) ?? 'other-size') : kind;
    },
    async takeAway(name, aside) {
      const path = join(folder, name);
      // never a link or a folder that somebody else put there
      if ((await kindOf(path)) !== 'file') return false;
      const { removed, marker } = spec;
      if (marker !== undefined) await rm(path + marker, { force: true });
      if (removed === 'move') {
        await mkdir(join(folder, REMOVED_FOLDER), { recursive: true });
        await renameDurably(path, join(folder, REMOVED_FOLDER, aside));
      } else await rm(path, { force: true });
      await syncFolder(folder);
      return true;
    },
  };
}

async function kindOf(path: string): Promise<'file' | 'no-file' | undefined> {
  try {
    return (await lstat(path)).isFile() ? 'file' : 'no-file';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Digest of a file of this size; undefined for one of another. */
export async function digestAt(path: string, size: number, signal: AbortSignal): Promise<string | undefined> {
  await using handle = await open(path, 'r');
  if ((await handle.stat()).size !== size) return undefined;
  return `sha-256:${await wholeDigestOf(handle, signal)}`;
}
