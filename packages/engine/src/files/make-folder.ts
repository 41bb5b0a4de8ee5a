import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@qianzhi/model';

/**
 * Makes a folder and those above it; answers the topmost it made, undefined where all were there. Node's own `recursive` says
 * ENOENT where the disk is full.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    await mkdir(path, { mode: 0o700 });
    return path;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return undefined;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const first = await makeFolder(dirname(path));
  return (await makeFolder(path)) && (first ?? path);
}
