import { type FileHandle, link, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './classify.js';

/** Whatever part of it the disk takes at a time. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/** Makes names in a folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Renames so that the new name survives a power loss; the bytes were synced before. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

/** File systems without hard links, such as network shares. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Gives a file its name; at no moment has it none, not even on a disk that keeps one half of a renaming. Where the name was given
 * before, a crash came in between: only the old one goes.
 */
export async function nameDurably(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (NO_LINKS.has(errnoOf(error))) return renameDurably(from, to);
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  await syncFolder(dirname(to));
  await unlink(from);
}

/** A file with exactly these bytes, whole or not there at all. Until then it is at `unfinished`, on the same file system. */
export async function writeDurably(
  path: string,
  bytes: string | Uint8Array,
  unfinished = `${path}.writing`,
): Promise<void> {
  {
    await using handle = await open(unfinished, 'w', 0o640);
    await handle.writeFile(bytes);
    await handle.sync();
  }
  await renameDurably(unfinished, path);
}

/** An empty file. */
export async function markDurably(path: string): Promise<void> {
  {
    await using handle = await open(path, 'w', 0o640);
    await handle.sync();
  }
  await syncFolder(dirname(path));
}
