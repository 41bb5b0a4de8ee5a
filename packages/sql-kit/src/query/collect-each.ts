import type { EachLimits, OpenQuery, QueryRows, RowRejection } from '@qianzhi/plugin-api';
import type { RowWriter } from '@qianzhi/rows';
import { type AnswerCollector, collectAnswer } from './collect-answer.js';

/** Takes rows of the answers to several sets of values, those of one set after those of the set before. */
export interface EachCollector {
  /** Has one row of the set (from 0) written, or a rejection answered. False: no further row of any set is wanted. */
  row(set: number, write: (writer: RowWriter, row: number) => RowRejection | undefined): boolean;
  /** Which bound of all sets was reached. */
  readonly over: QueryRows['stoppedBy'];
  rows(): QueryRows[];
}

const none: QueryRows = { bytes: new Uint8Array(), rows: 0, stoppedBy: undefined, rejected: [] };

export function collectEach(sets: number, limits: EachLimits): EachCollector {
  const done: QueryRows[] = [];
  let current: AnswerCollector | undefined;
  let rowsLeft = limits.maxRowsInAll;
  let bytesLeft = limits.maxBytes;
  let over: QueryRows['stoppedBy'];

  function finish(): void {
    const found = current?.rows() ?? none;
    current = undefined;
    done.push(found);
    rowsLeft -= found.rows + found.rejected.length;
    bytesLeft -= found.bytes.length;
  }

  return {
    get over() {
      return over;
    },
    row(set, write) {
      if (over) return false;
      while (done.length < set) finish();
      current ??= collectAnswer({ maxRows: Math.min(limits.maxRows, rowsLeft), maxBytes: bytesLeft });
      if (current.row(write)) return true;
      if (current.over === 'bytes' || rowsLeft < limits.maxRows) over = current.over;
      return over === undefined;
    },
    rows() {
      if (over) finish();
      else while (done.length < sets) finish();
      return done;
    },
  };
}

/** Nothing more is wanted: what ended this answer is a bound of all of them. */
function endsAll({ stoppedBy, rows, rejected }: QueryRows, { maxRows }: EachLimits): boolean {
  return stoppedBy === 'bytes' || (stoppedBy === 'rows' && rows + rejected.length < maxRows);
}

/** For a database that takes one set at a time. */
export function oneByOne(run: OpenQuery['run']): OpenQuery['runEach'] {
  return (sets, limits, signal) =>
    inStretches(
      sets,
      limits,
      () => 1,
      async ([values], { maxRowsInAll, ...left }) => [
        await run(values!, { ...left, maxRows: Math.min(left.maxRows, maxRowsInAll) }, signal),
      ],
    );
}

/** Sets of one statement: powers of two, so that there are few different statements for the server to keep prepared. */
export const branchesFor = (sets: number) => 2 ** Math.min(6, Math.floor(Math.log2(sets)));

type Values = readonly (string | null)[];

/** A statement for several sets may have the database hold so many rows at once. */
const ROWS_AT_ONCE = 20_000;

/**
 * Asks for several sets together: neighbours that give the same parameters, and as many as `most` takes of those there are. `ask` is told
 * what is left of the bounds; what it answers ends with the set that reached one.
 */
export async function inStretches(
  sets: readonly Values[],
  limits: EachLimits,
  most: (sets: number) => number,
  ask: (stretch: readonly Values[], left: EachLimits) => Promise<readonly QueryRows[]>,
): Promise<QueryRows[]> {
  const found: QueryRows[] = [];
  const bounded = Math.max(1, Math.floor(ROWS_AT_ONCE / (limits.maxRows + 1)));
  let { maxRowsInAll, maxBytes } = limits;
  for (let at = 0; at < sets.length; ) {
    const given = givenIn(sets[at]!);
    const last = at + most(Math.min(bounded, sets.length - at));
    let end = at + 1;
    while (end < last && givenIn(sets[end]!) === given) end += 1;
    const stretch = sets.slice(at, at + most(end - at));
    const answers = await ask(stretch, { ...limits, maxRowsInAll, maxBytes });
    found.push(...answers);
    if (endsAll(answers.at(-1)!, limits)) break;
    for (const { rows, rejected, bytes } of answers) {
      maxRowsInAll -= rows + rejected.length;
      maxBytes -= bytes.length;
    }
    at += stretch.length;
  }
  return found;
}

const givenIn = (values: Values) => values.flatMap((value, at) => (value === null ? [] : [at])).join();
