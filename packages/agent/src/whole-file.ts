import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** User and group a file is given to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface WholeFileOptions {
  readonly mode: number;
  readonly owner?: Owner | undefined;
  /** Called when all is on the disk, before the file is there under its name; what it throws leaves the old one in place. */
  readonly beforeRename?: () => Promise<void>;
}

/** Whole or not at all, and there after a loss of power, too: temporary file, fsync, rename, fsync of the folder. */
export async function writeWhole(
  path: string,
  text: string,
  { mode, owner, beforeRename }: WholeFileOptions,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', mode);
  try {
    try {
      await file.chmod(mode); // whatever the umask took away
      if (owner) await file.chown(owner.uid, owner.gid);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
