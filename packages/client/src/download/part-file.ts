import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '@qianzhi/model';

/** A file that is coming, over any number of processes. */
export interface PartFile {
  /** Bytes that are there. */
  readonly bytes: number;
  append(piece: Uint8Array): Promise<void>;
  /** `sha-256:…` of all of it, once it is on disk for good. */
  seal(): Promise<string>;
  close(): Promise<void>;
}

/** Opens what an earlier process left, digested anew, or begins. What is longer than the whole is no part of it and goes. */
export async function openPart(path: string, wholeBytes: number, signal: AbortSignal): Promise<PartFile> {
  if ((await sizeOf(path)) > wholeBytes) await rm(path);
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  if ((await sizeOf(path)) > 0) {
    for await (const piece of createReadStream(path, { signal })) {
      hash.update(piece);
      bytes += (piece as Buffer).length;
    }
  }
  const handle = await open(path, 'a', 0o600);
  return {
    get bytes() {
      return bytes;
    },
    async append(piece) {
      await handle.writeFile(piece);
      hash.update(piece);
      bytes += piece.length;
    },
    async seal() {
      await handle.sync();
      return `sha-256:${hash.copy().digest('base64url')}`;
    },
    close: () => handle.close(),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Replaces a file whole, or not at all; it outlives a loss of power. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.part`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await publish(temporary, path);
}

/** Shows a finished file under its name. */
export async function publish(from: string, to: string): Promise<void> {
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
