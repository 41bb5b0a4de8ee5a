import { copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@qianzhi/model';

/** Whole under its name or not there, also where it is another file system; nobody meets it half copied. */
export async function copyDurably(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await copyFile(from, part);
  await sync(part);
  await rename(part, to);
  await sync(dirname(to));
}

export async function moveDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    await copyDurably(from, to);
    await rm(from);
  }
  await sync(dirname(to));
}

export async function writeDurably(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  {
    await using file = await open(part, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(part, path);
  await sync(dirname(path));
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
