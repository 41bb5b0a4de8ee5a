import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Signed } from '@qianzhi/model';
import { type SigningKey, signDocument } from '@qianzhi/model/crypto';
import type { EntryKind, PackageHead } from './head.js';

/** Before the entries. */
export const START = Buffer.from('QZPKG1\r\n\x1a\n');
/** Behind the head, which stands behind the entries with its length: whoever copies brings it last. */
export const END = Buffer.from('QZPKGEND');

/** A package as it grows, under a name of its own; nobody takes it for one before it is sealed. */
export interface PackageWriter {
  /** Bytes of it so far. */
  readonly size: number;
  readonly entries: number;
  add(kind: EntryKind, document: unknown, bytes?: Uint8Array): Promise<void>;
  /** Signs and closes it; durable when it resolves, the folder apart. */
  seal(
    about: Omit<PackageHead, 'type' | 'version' | 'entries'>,
    key: SigningKey,
  ): Promise<Signed<PackageHead>>;
  /** Removes it. */
  abandon(): Promise<void>;
}

export async function writePackage(path: string): Promise<PackageWriter> {
  const file: FileHandle = await open(path, 'w', 0o600);
  const entries: PackageHead['entries'] = [];
  let size = 0;
  const append = async (bytes: Uint8Array) => {
    await file.appendFile(bytes);
    size += bytes.length;
  };
  await append(START);
  return {
    get size() {
      return size;
    },
    get entries() {
      return entries.length;
    },
    async add(kind, document, bytes = new Uint8Array()) {
      const text = Buffer.from(JSON.stringify(document));
      await append(text);
      await append(bytes);
      const digest = `sha-256:${createHash('sha256').update(text).update(bytes).digest('base64url')}`;
      entries.push({ kind, document: text.length, bytes: bytes.length, digest });
    },
    async seal(about, key) {
      const head = signDocument<PackageHead>({ type: 'package', version: 1, ...about, entries }, key);
      const text = Buffer.from(JSON.stringify(head));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      await append(text);
      await append(length);
      await append(END);
      await file.sync();
      await file.close();
      return head;
    },
    async abandon() {
      await file.close();
      await rm(path, { force: true });
    },
  };
}
