import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

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

/** A file with exactly these bytes, whole or not there at all. */
export async function writeDurably(path: string, bytes: string | Uint8Array): Promise<void> {
  const temporary = `${path}.writing`;
  {
    await using handle = await open(temporary, 'w', 0o640);
    await handle.writeFile(bytes);
    await handle.sync();
  }
  await renameDurably(temporary, path);
}
