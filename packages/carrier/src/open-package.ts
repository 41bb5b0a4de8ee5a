import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkShape, isQianzhiError, type KeyRecord, type Signed, SignedSchema } from '@qianzhi/model';
import { documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';
import { carrierErrors } from './errors.js';
import { type EntryKind, type PackageHead, PackageHeadSchema } from './head.js';
import { END, START } from './write-package.js';

const TAIL = 4 + END.length;
/** Heads of packages of the largest size are far below. */
const MOST_HEAD_BYTES = 64 * 1024 * 1024;

export interface Entry {
  readonly kind: EntryKind;
  readonly document: unknown;
  /** Where its bytes lie in the file. */
  readonly at: number;
  readonly length: number;
  bytes(): Promise<Uint8Array>;
}

/** A package whose signature, size and every entry were proven when it was opened. */
export interface OpenPackage extends AsyncDisposable {
  readonly head: PackageHead;
  readonly digest: string;
  readonly size: number;
  /** In their order; each document is read when it is asked for. */
  entries(): AsyncIterable<Entry>;
}

/**
 * Proves a package whole before anything of it is looked at. Throws QZ_PACKAGE_NOT_ONE, _INCOMPLETE, _ALTERED or _FORGED.
 * `at`: the time as of which the signer's key has to be valid, by default when the package says it was made.
 */
export async function openPackage(
  path: string,
  keys: readonly KeyRecord[],
  at?: string,
): Promise<OpenPackage> {
  const file = await open(path, 'r');
  try {
    const name = basename(path);
    const { head, entriesEnd, size } = await readHead(file, name);
    verifySigner(head, keys, at, name);
    await proveEntries(file, head.body, entriesEnd, name);
    return {
      head: head.body,
      digest: documentDigest(head, intlSuite),
      size,
      entries: () => readEntries(file, head.body),
      [Symbol.asyncDispose]: async () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface ReadHead {
  readonly head: Signed<PackageHead>;
  readonly entriesEnd: number;
  readonly size: number;
}

async function readHead(file: FileHandle, name: string): Promise<ReadHead> {
  const { size } = await file.stat();
  const start = await readAt(file, 0, Math.min(size, START.length));
  if (!START.subarray(0, start.length).equals(start)) throw carrierErrors.NOT_ONE({ file: name });
  if (size < START.length + TAIL) throw carrierErrors.INCOMPLETE({ file: name });
  const tail = await readAt(file, size - TAIL, TAIL);
  if (!tail.subarray(4).equals(END)) throw carrierErrors.INCOMPLETE({ file: name });
  const length = tail.readUInt32BE(0);
  const entriesEnd = size - TAIL - length;
  const altered = (what: string) => carrierErrors.ALTERED({ file: name, what, number: '?' });
  if (length > MOST_HEAD_BYTES || entriesEnd < START.length) throw altered('head');
  try {
    const text: unknown = JSON.parse((await readAt(file, entriesEnd, length)).toString('utf8'));
    return { head: checkShape(SignedSchema(PackageHeadSchema), text, name), entriesEnd, size };
  } catch (error) {
    if (error instanceof SyntaxError || isQianzhiError(error, 'QZ_MODEL_SHAPE_WRONG')) throw altered('head');
    throw error;
  }
}

function verifySigner(
  head: Signed<PackageHead>,
  keys: readonly KeyRecord[],
  at: string | undefined,
  file: string,
): void {
  const { from, createdAt, number } = head.body;
  try {
    const { owner } = verifyDocument(head, keys, at ?? createdAt);
    if (owner !== from) throw carrierErrors.FORGED({ file, from });
  } catch (error) {
    if (isQianzhiError(error, 'QZ_MODEL_SIGNATURE_WRONG')) {
      throw carrierErrors.ALTERED({ file, what: 'head', number }, error);
    }
    if (isQianzhiError(error, 'QZ_MODEL_KEY_UNKNOWN') || isQianzhiError(error, 'QZ_MODEL_KEY_EXPIRED')) {
      throw carrierErrors.FORGED({ file, from }, error);
    }
    throw error;
  }
}

/** So much of an entry is in memory while it is proven. */
const PIECE_BYTES = 256 * 1024;

async function proveEntries(
  file: FileHandle,
  { entries, number }: PackageHead,
  end: number,
  name: string,
): Promise<void> {
  let at = START.length;
  for (const [index, { document, bytes, digest }] of entries.entries()) {
    const length = document + bytes;
    const what = `entry ${index + 1}`;
    if (at + length > end) throw carrierErrors.ALTERED({ file: name, what, number });
    const hash = createHash('sha256');
    for (let done = 0; done < length; done += PIECE_BYTES) {
      hash.update(await readAt(file, at + done, Math.min(PIECE_BYTES, length - done)));
    }
    if (`sha-256:${hash.digest('base64url')}` !== digest) {
      throw carrierErrors.ALTERED({ file: name, what, number });
    }
    at += length;
  }
  if (at !== end) throw carrierErrors.ALTERED({ file: name, what: 'size', number });
}

async function* readEntries(file: FileHandle, { entries }: PackageHead): AsyncIterable<Entry> {
  let at = START.length;
  for (const { kind, document, bytes } of entries) {
    const text = (await readAt(file, at, document)).toString('utf8');
    const from = at + document;
    yield {
      kind,
      document: JSON.parse(text),
      at: from,
      length: bytes,
      bytes: () => readAt(file, from, bytes),
    };
    at = from + bytes;
  }
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, length - at, from + at);
    if (bytesRead === 0) throw new Error('a package got shorter while it was read');
    at += bytesRead;
  }
  return bytes;
}

/** Bytes of an entry of a package that was proven before. */
export async function readPackageBytes(path: string, at: number, length: number): Promise<Uint8Array> {
  await using file = await open(path, 'r');
  return await readAt(file, at, length);
}
