import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type Place, type SerialPlace } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import { followTrail, type Hole, type Holes, holeOf, type Moment } from './holes.js';
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
  /** Call it for each change, in rising order of serials. False: the table was emptied; this and all behind it is left out. */
  passes(serial: string | null, op: string | null): boolean;
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
}

/**
 * First a full copy, its place in the change table taken before; then each change, with the row as it is now. Serials do
 * not commit in their order: one that is missing stays open until the transactions of its time are over.
 */
export async function* walkChanges(
  { strategy }: WalkedTable,
  copy: TableCopy,
  changes: ChangeReader,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  let place = from;
  if (place?.phase === 'changes') {
    const truncated = yield* readSerials(strategy, changes, place, limits, signal);
    if (!truncated) return;
    place = undefined;
  }
  if (place?.phase !== 'snapshot') place = copyStart(copy, await changes.newest(signal));
  yield* walkCopy(strategy, copy, place, limits, signal);
}

/** Answers true where a truncation was met: what follows is a full copy. */
async function* readSerials(
  strategy: string,
  changes: ChangeReader,
  start: SerialPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, boolean> {
  let place = start;
  let left = limits.maxRows ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const most = Math.min(left, changes.chunkRows);
    const chunk = followChunk(changes, place);
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
    if (chunk.truncated || taken < most || left <= 0) return chunk.truncated;
  }
}

function followChunk({ step, truncateOps }: ChangeReader, start: SerialPlace) {
  let truncated = false;
  let place = () => start;
  return {
    follow(moment: Moment): ChangeTrail {
      const trail = followTrail(BigInt(start.serial), start.holes, step, moment);
      place = () => ({ phase: 'changes', serial: String(trail.serial), holes: trail.holes() });
      return {
        passes(serial, op) {
          truncated ||= truncateOps.has(op ?? '');
          if (!truncated) trail.passed(BigInt(serial ?? 0));
          return !truncated;
        },
        place,
      };
    },
    get place() {
      return place();
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
