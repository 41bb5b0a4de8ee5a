import { open } from 'node:fs/promises';
import { lendBytes, returnBytes } from '@qianzhi/rows';

/** A file of so many bytes into lent memory; undefined where it is shorter or longer. */
export async function readLent(path: string, length: number): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r');
  try {
    if ((await handle.stat()).size !== length) return undefined;
    const bytes = lendBytes(length);
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(bytes, at, length - at, at);
      if (bytesRead === 0) {
        returnBytes(bytes);
        return undefined;
      }
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
