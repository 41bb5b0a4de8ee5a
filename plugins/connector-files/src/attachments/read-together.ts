import { join } from 'node:path';
import { type FilePart, isQianzhiError, mediaTypeOf, throwIfCancelled } from '@qianzhi/model';
import type { WholeFilesBlock } from '@qianzhi/plugin-api';
import { lendBytes, returnBytes } from '@qianzhi/rows';
import { digestOfBytes, identityOf } from '../folder/identity.js';
import type { FolderFile } from '../folder/list.js';
import { sideBySide } from '../folder/side-by-side.js';
import { checkpointOf } from '../source/checkpoint.js';
import type { Reading } from '../source/reading.js';
import { openFile, type Progress, withRead } from './progress.js';

interface Together {
  readonly block: WholeFilesBlock | undefined;
  /** What is not, or no longer, as it was listed or as its manifest says: to be read alone, which tells why. */
  readonly left: readonly FolderFile[];
}

interface ReadWhole {
  readonly listed: FolderFile;
  readonly file: FilePart;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** Reads whole files side by side into one block. What is sent of each is what was digested. */
export async function readTogether(
  reading: Reading,
  group: readonly FolderFile[],
  progress: Progress,
  signal: AbortSignal,
): Promise<Together> {
  const ends: number[] = [];
  for (const { size } of group) ends.push((ends.at(-1) ?? 0) + size);
  const memory = lendBytes(ends.at(-1)!);
  try {
    const read = await sideBySide(group, (file, index) => {
      throwIfCancelled(signal, 'read files');
      return readWhole(reading, file, memory.subarray(ends[index]! - file.size, ends[index]));
    });
    const left = group.filter((_, index) => !read[index]);
    const files = read.filter((one) => one !== undefined);
    if (files.length > 0) return { block: blockOf(reading, files, memory, progress), left };
    returnBytes(memory);
    return { block: undefined, left };
  } catch (error) {
    returnBytes(memory);
    throw error;
  }
}

function blockOf(
  reading: Reading,
  files: readonly ReadWhole[],
  memory: Uint8Array,
  progress: Progress,
): WholeFilesBlock {
  let length = 0;
  for (const { bytes } of files) {
    // closes the gaps of files that are left
    const from = bytes.byteOffset - memory.byteOffset;
    if (from !== length) memory.copyWithin(length, from, from + bytes.length);
    length += bytes.length;
  }
  const { here: _, ...state } = progress.state;
  const { next } = state;
  const places = files.map(({ listed: { name, identity }, digest }, index) => ({
    n: next + index,
    name,
    identity,
    digest,
  }));
  progress.state = { ...state, next: next + files.length, read: withRead(reading, state, places) };
  return {
    kind: 'whole-files',
    files: files.map(({ file }) => file),
    bytes: memory.subarray(0, length),
    release: () => returnBytes(memory),
    checkpoint: checkpointOf(progress.state),
  };
}

/** Undefined for a file that is gone, another one, or not what its manifest says. */
async function readWhole(
  { folder }: Reading,
  listed: FolderFile,
  bytes: Uint8Array,
): Promise<ReadWhole | undefined> {
  const { name, size, identity, declared } = listed;
  await using handle = await openIfThere(join(folder, name));
  if (!handle || identityOf(await handle.stat({ bigint: true })) !== identity) return undefined;
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at);
    if (bytesRead === 0) return undefined;
    at += bytesRead;
  }
  if (identityOf(await handle.stat({ bigint: true })) !== identity) return undefined;
  const digest = digestOfBytes(bytes);
  const said = declared && Buffer.from(declared.sha256, 'hex').toString('base64url');
  if (declared && (said !== digest || declared.bytes !== size)) return undefined;
  const file = {
    name,
    size,
    digest: `sha-256:${digest}`,
    mediaType: mediaTypeOf(name),
    modifiedAt: new Date(Number(listed.modifiedNs / 1_000_000n)).toISOString(),
    offset: 0,
  };
  return { listed, file, digest, bytes };
}

async function openIfThere(path: string) {
  try {
    return await openFile(path);
  } catch (error) {
    if (isQianzhiError(error, 'QZ_FILES_MISSING')) return undefined;
    throw error;
  }
}
