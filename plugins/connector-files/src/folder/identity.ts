import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '@qianzhi/model';

const DIGEST_LENGTH = 24;
const READ_BYTES = 1024 * 1024;

/** Which file this is and whether it changed: node, size and time of the last writing. Renaming keeps it. */
export function identityOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino.toString(36)}.${size.toString(36)}.${mtimeNs.toString(36)}`;
}

/** Digest of the whole content: a file copied again under its name is known by it. */
export async function digestOf(handle: FileHandle, signal: AbortSignal): Promise<string> {
  return shortDigest(await wholeDigestOf(handle, signal));
}

/** As many files are remembered, what is remembered of each is short. */
export function shortDigest(whole: string): string {
  return whole.slice(0, DIGEST_LENGTH);
}

/** SHA-256 of the whole content as base64url. */
export async function wholeDigestOf(handle: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ; ) {
    throwIfCancelled(signal, 'digest');
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest('base64url');
}
