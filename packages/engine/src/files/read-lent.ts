import { type FileHandle, open } from 'node:fs/promises';
import { lendBytes, returnBytes } from '@qianzhi/rows';

/** A file into lent memory, a fresh buffer for each would pile up; undefined where it is not of `length` bytes, if that is given. */
export async function readLent(path: string, length?: number): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size !== (length ?? size)) return undefined;
    const bytes = lendBytes(size);
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
