import { lstat } from 'node:fs/promises';
import { fileNameKey, fileNameProblem, maxFileBytes } from '@qianzhi/model';
import { filesErrors } from '../errors.js';
import { classify, errnoOf } from '../folder/classify.js';
import { compilePattern } from '../folder/glob.js';
import { type FolderFile, listFiles, namesIn } from '../folder/list.js';
import { MOST_FILES, type State } from '../source/checkpoint.js';
import { stillThere } from '../source/plan.js';
import { note, type Reading } from '../source/reading.js';
import { absentFiles, nothingAbsent, sure } from './absent.js';

export interface Waiting {
  /** What was read and is still in the folder; where removals are told, also what is another file by now, or gone and not told yet. */
  readonly state: State;
  /** Names of files that were read to their end and are gone; empty where that is not to be told. */
  readonly gone: readonly string[];
  /** Complete files not read yet, in their order. */
  readonly files: readonly FolderFile[];
}

/**
 * Files to be read now. One that cannot be carried is passed over and told, run after run, until somebody renames it: its name, its
 * size, a link (which may lead out of the folder), or a name that is another one's but for letter case.
 */
export async function waitingFiles(reading: Reading, before: State, signal: AbortSignal): Promise<Waiting> {
  const { watched, resource, folder, spec } = reading;
  const all = await listFiles(watched);
  // where files are put aside, one that comes again is sent again, and at the target nothing changes
  const there = spec.done === 'keep' ? await stillThere(before, all, signal) : untouched(before, all);
  const absent = spec.removals ? await absentFiles(reading, before, there) : nothingAbsent;
  const read = [...there.map(sure), ...absent.remembered];
  const known = new Set(read.map(({ name, identity }) => `${identity} ${name}`));
  const waiting = all.filter((file) => file.complete && !known.has(`${file.identity} ${file.name}`));
  const count = new Set([...read, ...waiting].map(({ name }) => name)).size;
  if (count > MOST_FILES) throw filesErrors.TOO_MANY_FILES({ folder, files: count, most: MOST_FILES });
  await noteUnreadable(reading);
  const most = maxFileBytes(resource);
  const names = new Map(there.map(({ name }) => [fileNameKey(name), name]));
  const files: FolderFile[] = [];
  for (const file of waiting) {
    const key = fileNameKey(file.name);
    const same = names.get(key);
    if (fileNameProblem(file.name)) refuse(reading, file.name, 'name');
    else if (file.size > most) refuse(reading, file.name, 'size');
    else if (same !== undefined && same !== file.name) refuse(reading, file.name, 'letter-case');
    else if (!(await isPlainFile(file.path))) refuse(reading, file.name, 'link');
    else {
      names.set(key, file.name);
      files.push(file);
    }
  }
  return { state: { ...before, read }, gone: absent.gone, files };
}

/** Read files that are in the folder as they were read, until they are put aside. */
function untouched({ read }: State, all: readonly FolderFile[]): State['read'] {
  const there = new Set(all.map(({ name, identity }) => `${identity} ${name}`));
  return read.filter(({ name, identity }) => there.has(`${identity} ${name}`));
}

type Refusal = 'name' | 'size' | 'letter-case' | 'link';

function refuse(reading: Reading, file: string, reason: Refusal): void {
  note(reading, 'files-refused', 1, { file, reason });
}

/** Names whose bytes are no UTF-8, as old archives leave them, cannot even be opened by the name that is listed. */
async function noteUnreadable(reading: Reading): Promise<void> {
  const pattern = compilePattern(reading.spec.pattern);
  for (const name of await namesIn(reading.folder)) {
    if (name.includes('\ufffd') && pattern.match(name)) refuse(reading, name, 'name');
  }
}

async function isPlainFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw classify(error, 'look at', path);
  }
}
