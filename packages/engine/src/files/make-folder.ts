import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@qianzhi/model';

/**
 * Makes a folder and those above it; answers the topmost it made, undefined where all were there. Node's own `recursive` says
 * ENOENT where the disk is full.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makeOne(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeFolder(dirname(path));
  // tried once more and no oftener: below a link that leads nowhere it stays ENOENT
  return (await makeOne(path)) && (first ?? path);
}

async function makeOne(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    return path;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw error;
  }
}
