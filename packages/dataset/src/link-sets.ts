import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, stat, symlink, writeFile } from 'node:fs/promises';
import { systemReason } from '@qianzhi/model/system-reason';
import { JobFailure } from './failure.js';
import type { RowSets, SetName } from './protocol.js';
import type { RowFile } from './requests.js';
import type { BatchFile } from './requests-deliver.js';

const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export type LinkExtension = 'zst' | 'rows';
/** Of which kind each file of a set is, in order, and what no line of them is larger than, LF included. */
export interface LinkedSet {
  readonly extensions: readonly LinkExtension[];
  readonly lineBytes: number;
}
export type LinkedSets = ReadonlyMap<SetName, LinkedSet>;

/**
 * Links every input file as `in/<set>/<number>.<zst|rows>`, so that SQL names files by its own patterns and a path
 * can be no pattern and no SQL. Checks digests on the way.
 */
export async function linkSets(sets: RowSets): Promise<LinkedSets> {
  await mkdir('in');
  const linked = new Map<SetName, LinkedSet>();
  for (const [set, files] of Object.entries(sets) as [SetName, readonly BatchFile[]][]) {
    const extensions: LinkExtension[] = [];
    let lineBytes = 0;
    await mkdir(`in/${set}`);
    for (const [index, file] of files.entries()) {
      const link = `in/${set}/${String(index).padStart(6, '0')}`;
      const extension = await linkFile(set, file, link);
      extensions.push(extension);
      const content = extension === 'zst' ? file.rawBytes : (await stat(`${link}.${extension}`)).size;
      lineBytes = Math.max(lineBytes, content ?? Number.POSITIVE_INFINITY);
    }
    linked.set(set, { extensions, lineBytes });
  }
  return linked;
}

async function linkFile(set: SetName, file: BatchFile, link: string): Promise<LinkExtension> {
  if (!file.slice) {
    const extension = await inspect(set, file);
    await symlink(file.path, `${link}.${extension}`);
    return extension;
  }
  // a small frame of a segment; it is copied, for DuckDB reads whole files only
  const { slice, ...whole } = file;
  await writeFile(`${link}.part`, await readSlice(set, file.path, slice));
  const extension = await inspect(set, { ...whole, path: `${link}.part` });
  await symlink(`${link.split('/').at(-1)}.part`, `${link}.${extension}`);
  return extension;
}

async function readSlice(
  set: SetName,
  path: string,
  { offset, length }: NonNullable<BatchFile['slice']>,
): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  const missing = (cause: unknown) =>
    new JobFailure('FILE_MISSING', { set, file: path, reason: systemReason(cause) }, cause);
  const handle = await open(path, 'r').catch((cause) => {
    throw missing(cause);
  });
  try {
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead < length) throw new JobFailure('BYTES_DIFFER', { set, file: path });
    return bytes;
  } finally {
    await handle.close();
  }
}

/** A zstd frame or plain rows, which start with an op letter. */
async function inspect(set: SetName, file: RowFile): Promise<LinkExtension> {
  const [algorithm = '', wanted] = file.bytesDigest?.split(':') ?? [];
  const digest = file.bytesDigest === undefined ? undefined : createHash(algorithm.replaceAll('-', ''));
  let head: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(file.path, digest ? {} : { end: ZSTD_MAGIC.length - 1 })) {
      if (head.length < ZSTD_MAGIC.length) head = Buffer.concat([head, piece]);
      digest?.update(piece);
    }
  } catch (cause) {
    throw new JobFailure('FILE_MISSING', { set, file: file.path, reason: systemReason(cause) }, cause);
  }
  if (digest && digest.digest('base64url') !== wanted)
    throw new JobFailure('BYTES_DIFFER', { set, file: file.path });
  return head.subarray(0, ZSTD_MAGIC.length).equals(ZSTD_MAGIC) ? 'zst' : 'rows';
}
