import { isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import type { Checkpoint, ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { filesErrors } from '../errors.js';
import { describedColumns } from '../folder/description.js';
import { digestOf, identityOf } from '../folder/identity.js';
import { type FolderFile, listDone, statsOf } from '../folder/list.js';
import { openProven, openTable } from '../formats/open-table.js';
import type { Place } from '../formats/table-file.js';
import { checkpointOf, type Here, type State, stateOf } from './checkpoint.js';
import { contentOf, type Planned, planFiles } from './plan.js';
import { projectFile } from './projection.js';
import { note, type Reading, refusedLines } from './reading.js';
import { createTaker, type Taker } from './taker.js';

/** A file as it is being read: where it goes on, and whether an unfinished snapshot before it is void. */
interface Opening extends Planned {
  readonly n: number;
  readonly from: Here | undefined;
  readonly restart: boolean;
}

interface Progress {
  state: State;
  rows: number;
  /** Something was given: what is wrong behind it must not take it back. */
  given: boolean;
}

/** Reads what waits, file by file; ends when there is no more for now. */
export async function* readFiles(
  reading: Reading,
  checkpoint: Checkpoint | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  throwIfCancelled(signal, 'read files');
  const progress: Progress = {
    state: stateOf(checkpoint, reading.strategy, reading.resource.code),
    rows: 0,
    given: false,
  };
  const enough = () => limits.maxRows !== undefined && progress.rows >= limits.maxRows;
  let restart = false;
  if (progress.state.here) {
    const unfinished = progress.state.here;
    const opening = await resumed(reading, unfinished, signal);
    if (opening) {
      yield* readOne(reading, opening, progress, limits, signal);
      if (enough()) return;
    } else restart = unfinished.phase === 'snapshot';
  }
  const { here: _, ...state } = progress.state;
  // an unfinished snapshot whose file is gone begins again with the newest there is
  const plan = await planFiles(reading, restart ? { ...state, begun: false } : state, signal);
  progress.state = plan.state;
  if (plan.fromNothing) {
    progress.state = { ...progress.state, begun: true };
    yield block(progress, { rows: 0, bytes: new Uint8Array(), rejected: [], placeOf: () => '' }, 'snapshot', {
      lastOfSnapshot: true,
      restart,
    });
    restart = false;
  }
  for (const planned of plan.files) {
    throwIfCancelled(signal, 'read files');
    const n = planned.file.number ?? progress.state.next;
    try {
      yield* readOne(reading, { ...planned, n, from: undefined, restart }, progress, limits, signal);
    } catch (error) {
      if (!progress.given || !isQianzhiError(error, 'QZ_FILES_MANIFEST_MISMATCH')) throw error;
      // what is before it is sent first; the next read begins with this file, and then says so as an error
      return note(reading, 'files-manifest-mismatch', 0, { file: planned.file.name });
    }
    restart = false;
    if (enough()) return;
  }
}

/** The file that was being read, if it is still what it was; told otherwise. */
async function resumed(reading: Reading, here: Here, signal: AbortSignal): Promise<Opening | undefined> {
  const file = await fileOf(reading, here);
  const same =
    file && (file.identity === here.identity || (await contentOf(file.path, signal)) === here.digest);
  if (same) return { file, n: here.n, phase: here.phase, from: here, restart: false };
  note(reading, file ? 'files-changed' : 'files-gone', 0, { file: here.name, line: here.line });
  return undefined;
}

async function fileOf({ watched, folder }: Reading, here: Here): Promise<FolderFile | undefined> {
  if (here.done) return (await listDone(watched)).find(({ number }) => number === here.n);
  const path = `${folder}/${here.name}`;
  const stats = await statsOf(path);
  if (!stats) return undefined;
  const { mtimeNs: modifiedNs, ctimeNs: changedNs, size } = stats;
  const identity = identityOf(stats);
  return {
    name: here.name,
    path,
    captured: [],
    full: false,
    identity,
    size: Number(size),
    modifiedNs,
    changedNs,
    complete: true,
  };
}

async function* readOne(
  reading: Reading,
  { file, phase, n, from, restart }: Opening,
  progress: Progress,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const { handle, identity, digest: proven } = await openProven(file, signal);
  const table = await openTable(handle, file.path, file.name, reading.spec, signal);
  try {
    const known = identity === from?.identity ? from.digest : proven;
    const digest = known ?? (await digestOf(handle, signal));
    if (from && digest !== from.digest) throw filesErrors.CHANGED_WHILE_READ({ path: file.path });
    const columns = await describedColumns(file.path, table.columns);
    const { resource, spec, zone } = reading;
    const projection = projectFile(columns, resource, spec, zone, file.path, phase);
    const quote = spec.quote === '' ? -1 : spec.quote.charCodeAt(0);
    const refused = refusedLines(reading, file.name);
    const taker = createTaker(projection, phase, limits.blockBytes, quote, file.name, refused);
    const done = file.number !== undefined;
    const full =
      phase === 'snapshot' ? { name: file.name, modified: String(file.modifiedNs) } : progress.state.full;
    const state: State = {
      ...progress.state,
      begun: true,
      ...(full && { full }),
      next: done ? progress.state.next : Math.max(progress.state.next, n + 1),
    };
    let again = restart;
    const cut = (place: Place | undefined) => {
      const here: Here | undefined = place && { n, name: file.name, done, identity, digest, phase, ...place };
      progress.state = here ? { ...state, here } : finished(state, { file, n, identity, digest });
      const last = !here && phase === 'snapshot';
      const made = block(progress, taker.take(), phase, { lastOfSnapshot: last, restart: again });
      again = false;
      return made;
    };
    for await (const place of table.records(taker, from && placeOf(from), signal)) {
      yield cut(place);
      throwIfCancelled(signal, 'read files');
      if (limits.maxRows !== undefined && progress.rows >= limits.maxRows) return;
    }
    if (identityOf(await handle.stat({ bigint: true })) !== identity) {
      throw filesErrors.CHANGED_WHILE_READ({ path: file.path });
    }
    yield cut(undefined);
    throwIfCancelled(signal, 'read files');
  } finally {
    await table.close();
  }
}

const placeOf = ({ offset, skip, line }: Here): Place => ({ offset, skip, line });

/** The file is read to its end. One put aside before is behind; one from the folder waits to be put aside. */
function finished(
  state: State,
  { file, n, identity, digest }: { file: FolderFile; n: number; identity: string; digest: string },
): State {
  const { again, here: _, ...rest } = state;
  if (again && n < again.until) return { ...rest, again: { ...again, after: n } };
  if (file.number !== undefined) return rest;
  return {
    ...rest,
    read: [...rest.read.filter(({ name }) => name !== file.name), { n, name: file.name, identity, digest }],
  };
}

function block(
  progress: Progress,
  taken: ReturnType<Taker['take']>,
  phase: 'snapshot' | 'delta',
  { lastOfSnapshot, restart }: { lastOfSnapshot: boolean; restart: boolean },
): RowsBlock {
  progress.rows += taken.rows;
  progress.given = true;
  return {
    kind: 'rows',
    phase,
    ...taken,
    repeated: 0,
    ...(lastOfSnapshot && { lastOfSnapshot }),
    ...(restart && { restart }),
    checkpoint: checkpointOf(progress.state),
  };
}
