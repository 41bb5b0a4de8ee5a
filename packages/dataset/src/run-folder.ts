import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'run-';
/** Run folders of this process: a second dataset on the same work folder must not remove the first one's. */
const inUse = new Set<string>();

/** A run folder: links to the input (`in`), DuckDB's spill (`spill`), the result in the making (`out`). */
export async function takeRunFolder(workDir: string): Promise<string> {
  const folder = join(workDir, `${PREFIX}${process.pid}-${randomUUID()}`);
  inUse.add(folder);
  // one after another: Node's `recursive` says ENOENT where the disk is full
  await mkdir(folder);
  await mkdir(outFolder(folder));
  await mkdir(join(folder, 'spill'));
  return folder;
}

export function outFolder(folder: string): string {
  return join(folder, 'out');
}

export async function removeRunFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  inUse.delete(folder);
}

export async function removeStaleRunFolders(workDir: string): Promise<void> {
  for (const name of await readdir(workDir)) {
    const folder = join(workDir, name);
    if (name.startsWith(PREFIX) && !inUse.has(folder)) await rm(folder, { recursive: true, force: true });
  }
}
