import { mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ApplyCounts,
  actText,
  type FilePart,
  fileNameKey,
  noCounts,
  throwIfCancelled,
} from '@qianzhi/model';
import type { LedgerRow, OnRejected, SinkFilePart } from '@qianzhi/plugin-api';
import { filesErrors } from '../errors.js';
import { syncFolder, writeAll } from '../folder/durable.js';
import type { Entry } from '../sink/ledger.js';
import { discardStaged } from '../sink/sink.js';
import { unfinishedName } from '../sink/target.js';
import { claimTarget, finish, knownRow, type Writing } from '../sink/write-batch.js';
import type { RunningDigest } from './running-digest.js';
import { digestAt, REMOVED_FOLDER, type Standing } from './standing.js';
import { writeRemoval } from './take-away.js';

/** A target of files as one sink has it open. */
export interface FileWriting extends Writing {
  readonly standing: Standing;
  readonly digest: RunningDigest;
}

interface Place {
  readonly number: number;
  readonly unfinished: string;
  readonly path: string;
}

export type Outcome = 'inserted' | 'updated' | 'unchanged' | 'deleted' | 'rejected';

/** Takes a part once, whatever is repeated. The file shows when its last part is here and the whole is proven. */
export async function writePart(
  writing: FileWriting,
  part: SinkFilePart,
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<LedgerRow> {
  throwIfCancelled(signal, 'write files');
  const known = knownRow(writing, part);
  if (known) return known;
  await claimTarget(writing, part);
  if (part.file.removed) return writeRemoval(writing, part, signal);
  const { exchange, ledger, context, failpoint } = writing;
  const { delivery, seq, rowsDigest, rows, file } = part;
  const place = placeOf(writing, part);
  const bytes = await append(writing, place, part);
  failpoint('written');
  const outcome = rows === 1 ? await judgeWhole(writing, place, part, signal) : undefined;
  if (outcome === 'rejected') await onRejected([rejection(part.file, 0)], signal);
  throwIfCancelled(signal, 'write files');
  const shows = outcome === 'inserted' || outcome === 'updated';
  const entry: Entry = {
    row: {
      exchange,
      delivery,
      seq,
      rowsDigest,
      stage: outcome ? 'applied' : 'staged',
      snapshotId: null,
      counts: countsOf(outcome),
      bytes: outcome ? file.size : 0,
      committedAt: context.now().toISOString(),
    },
    number: place.number,
    unfinished: place.unfinished,
    bytes,
    of: wholeOf(part),
    file: shows ? file.name : undefined,
  };
  await ledger.add(entry);
  failpoint('committed');
  if (shows) await writing.standing.put([file.name], () => finish(writing, entry));
  else if (outcome) await unlink(place.path);
  return entry.row;
}

const wholeOf = ({ file }: SinkFilePart) => `${file.digest} ${file.name}`;

/** The first part begins an unfinished file; any other goes right behind the part before it. */
function placeOf({ ledger, target, exchange }: Writing, part: SinkFilePart): Place {
  const { file, delivery } = part;
  if (file.offset === 0) {
    const number = ledger.number + 1;
    const unfinished = unfinishedName(target.spec, number);
    return { number, unfinished, path: join(target.hidden, unfinished) };
  }
  const before = ledger.staged(exchange, delivery).at(-1);
  if (before?.unfinished === undefined || before.of !== wholeOf(part) || before.bytes !== file.offset) {
    throw filesErrors.FILE_PART_GAP({
      target: target.spec.name,
      file: file.name,
      resource: part.resource.code,
    });
  }
  return {
    number: before.number!,
    unfinished: before.unfinished,
    path: join(target.hidden, before.unfinished),
  };
}

/** What a crash left behind the parts in the ledger is cut off. Answers the length, once bytes and name are durable. */
async function append(
  { target, digest }: FileWriting,
  { path }: Place,
  { file, bytes }: SinkFilePart,
): Promise<number> {
  const { offset } = file;
  await mkdir(target.hidden, { recursive: true });
  {
    await using handle = await open(path, offset === 0 ? 'w' : 'r+', 0o640);
    const before = await handle.stat({ bigint: true });
    if (before.size < offset) throw filesErrors.MISSING({ doing: actText('write'), path });
    await handle.truncate(offset);
    await writeAll(handle, bytes, offset);
    if (offset + bytes.length === file.size) await handle.utimes(new Date(), new Date(file.modifiedAt));
    await handle.sync();
    const { ctimeNs } = await handle.stat({ bigint: true });
    digest.take(path, offset, bytes, { beforeNs: before.ctimeNs, afterNs: ctimeNs });
  }
  if (offset === 0) await syncFolder(target.hidden);
  return offset + bytes.length;
}

/**
 * Proves the whole, by what was written of it or, where a run before wrote some, as it lies on the disk; then looks at what has its name. Throws QZ_FILES_FILE_DIFFERS (integrity) for a whole
 * that is another one; what was staged of it is gone then, and delivered anew.
 */
async function judgeWhole(
  writing: FileWriting,
  { path }: Place,
  part: SinkFilePart,
  signal: AbortSignal,
): Promise<Outcome> {
  const { target, standing } = writing;
  const { name, size, digest } = part.file;
  const found = writing.digest.end(path, size) ?? (await digestAt(path, size, signal));
  if (found !== digest) {
    await discardStaged(writing, part.delivery);
    throw filesErrors.FILE_DIFFERS({ target: target.spec.name, file: name, resource: part.resource.code });
  }
  return judgeStanding(writing, part.file, await standing.twinsOf([name], signal), signal);
}

/** What becomes of a proven file, by what stands where it is to be. `twins`: names that another one has but for letter case. */
export async function judgeStanding(
  { target, standing }: FileWriting,
  { name, size, digest }: FilePart,
  twins: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Outcome> {
  const key = fileNameKey(name);
  // a file in its place would keep every removal from the target
  if (target.spec.removed === 'move' && key === fileNameKey(REMOVED_FOLDER)) return 'rejected';
  if (twins.has(name)) return 'rejected';
  const there = await standing.look(name, size, signal);
  if (there === undefined) return 'inserted';
  if (there === 'no-file') return 'rejected';
  return there === digest ? 'unchanged' : 'updated';
}

/** A folder of that name is there or will be, or a file whose name is the same but for letter case: on another system they would be one. */
export function rejection({ name }: FilePart, row: number) {
  const bytes = Buffer.from(name);
  return { row, op: 'U', item: '*', reason: 'name-taken', bytes } as const;
}

function countsOf(outcome: Outcome | undefined): ApplyCounts {
  return outcome ? { ...noCounts, delivered: 1, [outcome]: 1 } : noCounts;
}
