import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FilePart,
  fileNameKey,
  isQianzhiError,
  mediaTypeOf,
  removedFile,
  throwIfCancelled,
} from '@qianzhi/model';
import type { Checkpoint, FilePartBlock, ReadLimits, WholeFilesBlock } from '@qianzhi/plugin-api';
import { lendBytes, returnBytes } from '@qianzhi/rows';
import { filesErrors } from '../errors.js';
import { digestOfBytes, identityOf, wholeDigestOf } from '../folder/identity.js';
import { type FolderFile, statsOf } from '../folder/list.js';
import { type Declared, provenDigestOf } from '../folder/supplied-manifest.js';
import { checkpointOf, type Here, stateOf } from '../source/checkpoint.js';
import { note, type Reading } from '../source/reading.js';
import { openFile, type Progress, withRead } from './progress.js';
import { readTogether } from './read-together.js';
import { waitingFiles } from './waiting.js';

/** Reads what waits, small files together where they may be and any other part by part; ends when there is no more for now. */
export async function* readParts(
  reading: Reading,
  checkpoint: Checkpoint | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<FilePartBlock | WholeFilesBlock> {
  throwIfCancelled(signal, 'read files');
  const progress: Progress = { state: stateOf(checkpoint, 'files', reading.resource.code) };
  const { here } = progress.state;
  if (here) yield* readOne(reading, here.name, here, progress, limits, signal);
  const { here: _, ...state } = progress.state;
  const waiting = await waitingFiles(reading, state, signal);
  progress.state = waiting.state;
  // before what is new: a file that was renamed may differ in letter case alone
  for (const names of removedTogether(waiting.gone, limits)) {
    throwIfCancelled(signal, 'read files');
    yield goneFiles(reading, names, progress);
  }
  let refused: unknown;
  let given = here !== undefined || waiting.gone.length > 0;
  for (const group of groupsOf(waiting.files, limits)) {
    throwIfCancelled(signal, 'read files');
    const { block, left } =
      group.length > 1
        ? await readTogether(reading, group, progress, signal)
        : { block: undefined, left: group };
    if (block) {
      yield block;
      given = true;
    }
    for (const { name, declared } of left) {
      throwIfCancelled(signal, 'read files');
      try {
        yield* readOne(reading, name, undefined, progress, limits, signal, declared);
        given = true;
      } catch (error) {
        if (!isQianzhiError(error, 'QZ_FILES_MANIFEST_MISMATCH')) throw error;
        note(reading, 'files-manifest-mismatch', 0, { file: name });
        refused ??= error;
      }
    }
  }
  // what was given is sent first: the next read has nothing else to say
  if (refused && !given) throw refused;
}

/** In their order: as many as may come together, and a file that is too large for that alone. */
function* groupsOf(files: readonly FolderFile[], { wholeFiles }: ReadLimits): Generator<FolderFile[]> {
  let group: FolderFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const fits = wholeFiles && group.length < wholeFiles.files && bytes + file.size <= wholeFiles.bytes;
    if (!fits && group.length > 0) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.size;
  }
  if (group.length > 0) yield group;
}

/** As many as may come together; names that differ in letter case alone may not. */
function* removedTogether(names: readonly string[], { wholeFiles }: ReadLimits): Generator<string[]> {
  const group = new Map<string, string>();
  for (const name of names) {
    const key = fileNameKey(name);
    if (group.has(key) || group.size >= (wholeFiles?.files ?? 1)) {
      yield [...group.values()];
      group.clear();
    }
    group.set(key, name);
  }
  if (group.size > 0) yield [...group.values()];
}

function goneFiles(
  { watched }: Reading,
  names: readonly string[],
  progress: Progress,
): FilePartBlock | WholeFilesBlock {
  const { state } = progress;
  const gone = new Set(names);
  progress.state = { ...state, read: state.read.filter(({ name }) => !gone.has(name)) };
  const files = names.map((name) => removedFile(name, watched.now()));
  const block = { bytes: new Uint8Array(), checkpoint: checkpointOf(progress.state) };
  const [file] = files;
  return files.length === 1
    ? { kind: 'file-part', file: file!, ...block }
    : { kind: 'whole-files', files, ...block };
}

/**
 * One file from where it was left. What it is called and holds is said with each part, so it is digested before the first one; a
 * file that is another one by now is left to the next look into the folder.
 */
async function* readOne(
  reading: Reading,
  name: string,
  from: Here | undefined,
  progress: Progress,
  { blockBytes }: ReadLimits,
  signal: AbortSignal,
  declared?: Declared,
): AsyncGenerator<FilePartBlock> {
  const path = join(reading.folder, name);
  if (!(await statsOf(path))) {
    if (from) note(reading, 'files-gone', 0, { file: name, offset: from.offset });
    return;
  }
  await using handle = await openFile(path);
  const stats = await handle.stat({ bigint: true });
  const identity = identityOf(stats);
  const size = Number(stats.size);
  // of a file that is one part, what is sent is what was digested
  const only = from || declared || size > blockBytes ? undefined : await readPiece(handle, 0, size);
  const digest = only
    ? digestOfBytes(only)
    : identity === from?.identity
      ? from.digest
      : await digestOf(handle, path, declared, signal);
  if (from && digest !== from.digest) {
    note(reading, 'files-changed', 0, { file: name, offset: from.offset });
    return;
  }
  const n = from?.n ?? progress.state.next;
  const whole: Omit<FilePart, 'offset'> = {
    name,
    size,
    digest: `sha-256:${digest}`,
    mediaType: mediaTypeOf(name),
    modifiedAt: new Date(Number(stats.mtimeNs / 1_000_000n)).toISOString(),
  };
  for (let offset = from?.offset ?? 0; ; ) {
    const bytes = only ?? (await readPiece(handle, offset, Math.min(blockBytes, size - offset)));
    const unchanged = bytes && identityOf(await handle.stat({ bigint: true })) === identity;
    if (!unchanged) throw filesErrors.CHANGED_WHILE_READ({ path });
    const end = offset + bytes.length;
    const place: Here = {
      n,
      name,
      done: false,
      identity,
      digest,
      phase: 'delta',
      offset: end,
      skip: 0,
      line: 1,
    };
    const next = Math.max(progress.state.next, n + 1);
    const { here: _, ...state } = progress.state;
    progress.state =
      end < size
        ? { ...state, next, here: place }
        : { ...state, next, read: withRead(reading, state, [place]) };
    yield {
      kind: 'file-part',
      file: { ...whole, offset },
      bytes,
      release: () => returnBytes(bytes),
      checkpoint: checkpointOf(progress.state),
    };
    throwIfCancelled(signal, 'read files');
    if (end === size) return;
    offset = end;
  }
}

function digestOf(handle: FileHandle, path: string, declared: Declared | undefined, signal: AbortSignal) {
  return declared ? provenDigestOf(handle, path, declared, signal) : wholeDigestOf(handle, signal);
}

/** Undefined where the file is shorter than it was. */
async function readPiece(
  handle: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const bytes = lendBytes(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) {
      returnBytes(bytes);
      return undefined;
    }
    at += bytesRead;
  }
  return bytes;
}
