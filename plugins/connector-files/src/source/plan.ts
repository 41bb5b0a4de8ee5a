import { throwIfCancelled } from '@qianzhi/model';
import { filesErrors } from '../errors.js';
import { compareFiles, compilePattern } from '../folder/glob.js';
import { digestOf } from '../folder/identity.js';
import { type FolderFile, listDone, listFiles, nothingComplete } from '../folder/list.js';
import { openForReading } from '../formats/open-table.js';
import { MOST_FILES, type ReadFile, type State } from './checkpoint.js';
import { note, type Reading } from './reading.js';

/** A file to be read now. */
export interface Planned {
  readonly file: FolderFile;
  readonly phase: 'snapshot' | 'delta';
}

export interface Plan {
  readonly state: State;
  readonly files: readonly Planned[];
  /** There are no full copies: the table begins empty. */
  readonly fromNothing: boolean;
}

/**
 * What to read next. The newest full copy that was not read begins a snapshot, and what is older than it is not read any more;
 * changes behind it follow in their order. A first read goes through the files put aside before, so that a stream can start over.
 */
export async function planFiles(reading: Reading, before: State, signal: AbortSignal): Promise<Plan> {
  throwIfCancelled(signal, 'list files');
  const all = await listFiles(reading.watched);
  const read = await stillThere(before, all, signal);
  const known = new Set(read.map(({ name, identity }) => `${identity} ${name}`));
  const waiting = all.filter((file) => file.complete && !known.has(`${file.identity} ${file.name}`));
  const files = read.length + waiting.length;
  if (files > MOST_FILES)
    throw filesErrors.TOO_MANY_FILES({ folder: reading.folder, files, most: MOST_FILES });
  const again = await readAgain(reading, before);
  const late = waiting.filter((file) => before.begun && isBefore(reading, file, before.full));
  const candidates = [...again, ...waiting.filter((file) => !late.includes(file))];
  const newest = candidates.findLastIndex(({ full }) => full);
  const onlyFull = reading.strategy === 'snapshot' || reading.spec.full !== undefined;
  if (!before.begun && newest < 0 && onlyFull) throw nothingToRead(reading, all);
  const kept = candidates.slice(Math.max(newest, 0));
  const until = again.at(-1)?.number ?? 0;
  const firstAgain = kept[0]?.number;
  const { again: _, ...rest } = before;
  const state: State = {
    ...rest,
    read,
    next: Math.max(before.next, until + 1),
    ...(firstAgain !== undefined && { again: { after: firstAgain - 1, until } }),
  };
  return {
    state: passOver(reading, state, [...late, ...candidates.slice(0, Math.max(newest, 0))]),
    files: kept.map((file, index) => ({ file, phase: index === 0 && newest >= 0 ? 'snapshot' : 'delta' })),
    fromNothing: !before.begun && newest < 0,
  };
}

function nothingToRead({ folder, strategy, spec, watched }: Reading, all: readonly FolderFile[]) {
  const unfinished = all.filter(({ full, complete }) => full && !complete);
  if (unfinished.length > 0) return nothingComplete(watched, unfinished);
  return filesErrors.NO_FILE({ folder, pattern: strategy === 'snapshot' ? spec.pattern : spec.full! });
}

/** A file that comes late belongs before the full copy that was read: reading it would bring back what is no more. */
function isBefore({ watched, spec }: Reading, file: FolderFile, full: State['full']): boolean {
  if (!full) return false;
  const patterns = [spec.full ?? spec.pattern, spec.pattern].map(compilePattern);
  const captured = patterns.map((pattern) => pattern.match(full.name)).find((found) => found !== undefined);
  if (!captured) return false;
  const read = { name: full.name, captured, modifiedNs: BigInt(full.modified) };
  return compareFiles(watched.spec.order)(file, read) < 0;
}

/** A full copy that begins goes through what was put aside; one under way through what is left of it. */
async function readAgain(
  { spec, watched }: Reading,
  { begun, again }: State,
): Promise<readonly FolderFile[]> {
  if (spec.done !== 'move' || (begun && again === undefined)) return [];
  const done = await listDone(watched);
  const until = again?.until ?? Number.POSITIVE_INFINITY;
  return done.filter(({ number }) => number! > (again?.after ?? 0) && number! <= until);
}

/** Read files that are still in the folder. One that was copied there again with the same content is still the same. */
export async function stillThere(
  { read, here }: Pick<State, 'read' | 'here'>,
  all: readonly FolderFile[],
  signal: AbortSignal,
): Promise<ReadFile[]> {
  const byName = new Map(all.map((file) => [file.name, file]));
  const kept: ReadFile[] = [];
  for (const one of read) {
    const file = byName.get(one.name);
    if (!file) continue;
    if (file.identity === one.identity) kept.push(one);
    else if (
      file.complete &&
      here?.name !== one.name &&
      (await contentOf(file.path, signal)) === one.digest
    ) {
      kept.push({ ...one, identity: file.identity });
    }
  }
  return kept;
}

export async function contentOf(path: string, signal: AbortSignal): Promise<string> {
  await using handle = await openForReading(path);
  return await digestOf(handle, signal);
}

/** Files that a newer full copy made needless count as read: they are put aside like the others. */
function passOver(reading: Reading, state: State, files: readonly FolderFile[]): State {
  const waiting = files.filter(({ number }) => number === undefined);
  if (waiting.length > 0) {
    note(reading, 'files-passed-over', 0, { files: waiting.length, newest: waiting.at(-1)!.name });
  }
  return {
    ...state,
    next: state.next + waiting.length,
    read: [
      ...state.read,
      ...waiting.map(({ name, identity }, index) => ({ n: state.next + index, name, identity, digest: '' })),
    ],
  };
}
