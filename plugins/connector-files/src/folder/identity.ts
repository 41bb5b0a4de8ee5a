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

/** SHA-256 of the whole content as base64url. A piece is read while the one before is digested. */
export async function wholeDigestOf(handle: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // with room for one byte more a small file is read at once
  const length = Math.min(READ_BYTES, (await handle.stat()).size + 1);
  let [ahead, spare] = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)];
  let reading = handle.read(ahead, 0, length, 0);
  for (let at = 0; ; ) {
    const { bytesRead } = await reading;
    throwIfCancelled(signal, 'digest');
    if (bytesRead === 0) break;
    at += bytesRead;
    [ahead, spare] = [spare, ahead];
    reading = handle.read(ahead, 0, length, at);
    hash.update(spare.subarray(0, bytesRead));
  }
  return hash.digest('base64url');
}

/** The same of content that is in memory. */
export function digestOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
