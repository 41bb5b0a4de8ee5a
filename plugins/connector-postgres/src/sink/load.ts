import { mayHoldNanoseconds, rowOffsets } from '@qianzhi/rows';
import {
  isolate,
  loaderChunks,
  type RangeFailure,
  type Refusal,
  type Rejections,
  type RowRange,
  rewriteRows,
} from '@qianzhi/sql-kit';
import { copyIn } from './copy-in.js';
import { type RawQuery, trying } from './refusal.js';
import type { Target } from './target.js';
import { columnList } from './upsert-sql.js';
import type { Work } from './writing.js';

export interface Load {
  /** Quoted name of the table that takes the rows: the target's columns, `qianzhi_op` first with `op`. */
  readonly into: string;
  readonly op: boolean;
  /** Statements before a load, in its round trip; `again` from the second one of the batch on. */
  readonly before?: (again: boolean) => string;
  /** What follows a load. It counts only if it ends. */
  readonly after?: (query: RawQuery) => Promise<void>;
}

const SAVEPOINT = 'qianzhi_rows';

/** A batch that was loaded if the table took all of its rows at once. */
export interface Loaded {
  /** Tells the rows that cannot be loaded, and loads the others where it was none yet. */
  settle(rejections: Rejections): Promise<void>;
}

/**
 * Loads a batch, and alone the rows that can be: those that cannot be written in their column's type are left out before,
 * those that the table refuses are isolated behind savepoints. The bytes go to the server as they are, but for the op.
 */
export async function loadBatch(
  work: Work,
  target: Target,
  bytes: Uint8Array,
  load: Load,
  rejections: Rejections,
): Promise<void> {
  const loaded = await tryBatch(work, target, bytes, load);
  await loaded.settle(rejections);
}

/** The first half of `loadBatch`: all rows at once. */
export async function tryBatch(work: Work, target: Target, bytes: Uint8Array, load: Load): Promise<Loaded> {
  const { session, signal } = work;
  const rules = target.rareRules && mayHoldNanoseconds(bytes) ? target.rareRules : target.rules;
  const rewritten = rules ? rewriteRows(bytes, rules) : { bytes, left: [] };
  const items = [...target.itemOf.values()];
  const columns = load.op ? `qianzhi_op, ${columnList(target)}` : columnList(target);
  const copy = `SAVEPOINT ${SAVEPOINT}; COPY ${load.into} (${columns}) FROM STDIN`;
  const form = { op: load.op, constants: target.constants };

  let again = false;
  let release = '';
  async function attempt(rows: Uint8Array): Promise<RangeFailure<Refusal> | undefined> {
    const sql = `${release} ${load.before?.(again) ?? ''} ${copy}`;
    again = true;
    const tried = await trying(
      session,
      target.itemOf,
      async (query) => {
        await copyIn(session, sql, loaderChunks(rows, form));
        await load.after?.(query);
      },
      signal,
    );
    const failure = 'failure' in tried ? tried.failure : undefined;
    if (failure) await work.run(`ROLLBACK TO ${SAVEPOINT}; RELEASE ${SAVEPOINT}`);
    // the last one is released by the commit
    release = failure ? '' : `RELEASE ${SAVEPOINT};`;
    return failure;
  }

  async function isolateAfter(first: RangeFailure<Refusal>, rejections: Rejections): Promise<void> {
    const numberOf = numbering(rewritten.left.map(({ row }) => row));
    const offsets = rowOffsets(rewritten.bytes);
    let failed: typeof first | undefined = first;
    await isolate(
      offsets.length - 1,
      async ({ from, to }: RowRange) => {
        // the whole was tried before its rows were counted
        const known = failed;
        failed = undefined;
        if (known) return known;
        const failure = await attempt(rewritten.bytes.subarray(offsets[from], offsets[to]));
        return failure && { ...failure, row: failure.row === undefined ? undefined : from + failure.row };
      },
      (row, refusal) => rejections.row(numberOf(row), refusal),
    );
  }

  const first = await attempt(rewritten.bytes);
  return {
    async settle(rejections) {
      for (const { row, field, reason } of rewritten.left) {
        await rejections.row(row, { item: items[field] ?? '*', reason });
      }
      if (first) await isolateAfter(first, rejections);
    },
  };
}

/** Numbers in the batch of the rows that were kept; `left` rises. */
function numbering(left: readonly number[]): (kept: number) => number {
  return (kept) => {
    let row = kept;
    for (const gone of left) {
      if (gone > row) break;
      row++;
    }
    return row;
  };
}
