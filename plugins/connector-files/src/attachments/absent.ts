import { join } from 'node:path';
import { statsOf } from '../folder/list.js';
import type { ReadFile, State } from '../source/checkpoint.js';
import { note, type Reading } from '../source/reading.js';

/** What was read and is not in the folder as it was read. */
export interface Absent {
  /** All of it, as the next checkpoint has it: a file that was changed may still go before it is read again. */
  readonly remembered: readonly ReadFile[];
  /** Names of files that are gone, and are told. */
  readonly gone: readonly string[];
}

export const nothingAbsent: Absent = { remembered: [], gone: [] };

/** Looks for each file by its name, whatever the pattern is by now. `there`: files that are as they were read. */
export async function absentFiles(
  reading: Reading,
  before: State,
  there: readonly ReadFile[],
): Promise<Absent> {
  const known = new Set(there.map(({ name }) => name));
  const gone: ReadFile[] = [];
  const changed: ReadFile[] = [];
  for (const one of before.read) {
    if (known.has(one.name)) continue;
    const found = await statsOf(join(reading.folder, one.name));
    (found ? changed : gone).push(one);
  }
  const withheld = withheldOf(before, gone);
  if (withheld.size > 0) note(reading, 'files-all-gone', 0, { files: withheld.size });
  return {
    remembered: [
      ...changed.map(sure),
      ...gone.map((one) => (withheld.has(one) ? { ...one, unsure: true as const } : sure(one))),
    ],
    gone: gone.filter((one) => !withheld.has(one)).map(({ name }) => name),
  };
}

/**
 * Of several files that are gone all at once nothing is told but a notice: a folder that is not mounted looks like that, and the
 * consumers would lose everything. What somebody writes there meanwhile changes nothing, until one of them is back.
 */
function withheldOf({ read }: State, gone: readonly ReadFile[]): ReadonlySet<ReadFile> {
  if (gone.length >= 2 && gone.length === read.length) return new Set(gone);
  const unsure = gone.filter((one) => one.unsure);
  return new Set(unsure.length === read.filter((one) => one.unsure).length ? unsure : []);
}

export function sure({ unsure: _, ...one }: ReadFile): ReadFile {
  return one;
}
