import { randomBytes } from 'node:crypto';
import { isQianzhiError } from '@qianzhi/model';
import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type Place, type SerialPlace } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import { followTrail, type Hole, type Holes, holeOf, type Moment } from './holes.js';
import { emptyDelta } from './increment.js';
import type { WalkedTable } from './walked-table.js';

/** A block's worth of changes, and the place behind them. */
export interface ChangeStretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Changes that it stands for. */
  readonly taken: number;
  readonly place: SerialPlace;
}

/** Follows the changes of one statement. */
export interface ChangeTrail {
  /**
   * Call it for each change, in rising order of serials. `skip`: a canary, which is no row; `end`: the table was emptied, and this
   * and all behind it is left out.
   */
  passes(serial: string | null, op: string | null): 'row' | 'skip' | 'end';
  place(): SerialPlace;
}

/** How a connector reads a change table. */
export interface ChangeReader {
  /** The usual distance of two serials. */
  readonly step: bigint;
  /** Changes of one statement at most. */
  readonly chunkRows: number;
  /** Ops that mean that the table was emptied, in capitals. */
  readonly truncateOps: ReadonlySet<string>;
  /** The newest serial and every hole below it from where a transaction could still commit: see `placeAmong`. */
  newest(signal: AbortSignal): Promise<SerialPlace>;
  /**
   * In one statement at most `most` changes behind the place's serial and in its holes, with the row as it is now, in rising order
   * of serials. It calls `follow` before the first row, with what the database says of that moment.
   */
  stretches(
    place: SerialPlace,
    most: number,
    follow: (moment: Moment) => ChangeTrail,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncIterable<ChangeStretch>;
  /** Deletes changes up to a confirmed place; what may still come into its holes stays. Undefined: nothing is deleted. */
  readonly purge: ((place: SerialPlace, signal: AbortSignal) => Promise<void>) | undefined;
  /** Writes a change of this op and no key: only into a change table of our own. */
  readonly canary?: ((op: string, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * First a full copy, its place in the change table taken before; then each change, with the row as it is now. Serials do
 * not commit in their order: one that is missing stays open until the transactions of its time are over.
 */
export async function* walkChanges(
  table: WalkedTable,
  copy: TableCopy,
  changes: ChangeReader,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  let place = from;
  if (place?.phase === 'changes') {
    const truncated = yield* readSerials(table, changes, place, limits, signal);
    if (!truncated) return;
    place = undefined;
  }
  if (place?.phase !== 'snapshot') place = copyStart(copy, await changes.newest(signal));
  yield* walkCopy(table.strategy, copy, place, limits, signal);
}

/** Answers true where a truncation was met: what follows is a full copy. */
async function* readSerials(
  table: WalkedTable,
  changes: ChangeReader,
  start: SerialPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, boolean> {
  const { strategy } = table;
  const canary = await writeCanary(table, changes, signal);
  let met = false;
  let place = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const most = Math.min(left, changes.chunkRows);
    const chunk = followChunk(changes, place, canary);
    let taken = 0;
    for await (const stretch of changes.stretches(place, most, chunk.follow, limits, signal)) {
      const { bytes, rows, rejected } = stretch;
      taken += stretch.taken;
      if (rows === 0 && rejected.length === 0) continue;
      const checkpoint = checkpointOf(strategy, stretch.place);
      yield { kind: 'rows', phase: 'delta', bytes, rows, repeated: 0, rejected, checkpoint };
    }
    place = chunk.place;
    left -= taken;
    met ||= chunk.met;
    if (chunk.truncated || left <= 0) return chunk.truncated;
    if (taken === most) continue;
    if (canary !== undefined && !met)
      throw table.errors.CAPTURE_SILENT({ table: table.table.name, resource: table.resource });
    // behind the canary, which goes with the next purge
    if (canary !== undefined) yield { ...emptyDelta, checkpoint: checkpointOf(strategy, place) };
    return false;
  }
}

/** Its op has no other change. Undefined where none can be written: it proves more than a read needs. */
async function writeCanary(
  { context, table }: WalkedTable,
  { canary }: ChangeReader,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!canary) return undefined;
  const op = `QZC${randomBytes(4).toString('hex').slice(1).toUpperCase()}`;
  try {
    await canary(op, signal);
    return op;
  } catch (error) {
    if (!isQianzhiError(error) || (error.kind !== 'denied' && error.kind !== 'config')) throw error;
    context.log.warn(
      { table: table.name, code: error.code },
      'no canary can be written into the change table',
    );
    return undefined;
  }
}

const isCanary = /^QZC[0-9A-F]{7}$/;

function followChunk({ step, truncateOps }: ChangeReader, start: SerialPlace, canary: string | undefined) {
  let truncated = false;
  let met = false;
  let place = () => start;
  return {
    follow(moment: Moment): ChangeTrail {
      const trail = followTrail(BigInt(start.serial), start.holes, step, moment);
      place = () => ({ phase: 'changes', serial: String(trail.serial), holes: trail.holes() });
      return {
        passes(serial, op) {
          truncated ||= truncateOps.has(op ?? '');
          if (truncated) return 'end';
          trail.passed(BigInt(serial ?? 0));
          met ||= op === canary;
          return isCanary.test(op ?? '') ? 'skip' : 'row';
        },
        place,
      };
    },
    get place() {
      return place();
    },
    get met() {
      return met;
    },
    get truncated() {
      return truncated;
    },
  };
}

/** The place behind the newest serial, with what is missing before it. Both ends of a gap belong to it. */
export function placeAmong(
  newest: bigint,
  gaps: readonly { readonly from: bigint; readonly to: bigint }[],
  step: bigint,
  moment: Moment,
): SerialPlace {
  const holes: Holes = gaps.map(({ from, to }): Hole => holeOf(from, to, moment));
  // a trail that follows nothing takes too many holes together
  const trail = followTrail(newest, holes, step, moment);
  return { phase: 'changes', serial: String(trail.serial), holes: trail.holes() };
}
