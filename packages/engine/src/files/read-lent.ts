import { type FileHandle, open } from 'node:fs/promises';
import { lendBytes, returnBytes } from '@qianzhi/rows';

/** A file of so many bytes into lent memory; undefined where it is shorter or longer. */
export async function readLent(path: string, length: number): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r');
  try {
    if ((await handle.stat()).size !== length) return undefined;
    const bytes = lendBytes(length);
    let whole = false;
    try {
      whole = await fill(handle, bytes);
      return whole ? bytes : undefined;
    } finally {
      if (!whole) returnBytes(bytes);
    }
  } finally {
    await handle.close();
  }
}

async function fill(handle: FileHandle, bytes: Uint8Array): Promise<boolean> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) return false;
    at += bytesRead;
  }
  return true;
}
