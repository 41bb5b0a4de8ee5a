import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type PlaceKey, type SnapshotPlace } from './checkpoint.js';

/** A block's worth of a walk through a table. */
export interface CopyStretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Rows of the table that it stands for. */
  readonly taken: number;
  /** Key of its last row; undefined in a walk without order. */
  readonly last: PlaceKey | undefined;
  /** As that of a block. */
  readonly release?: (() => void) | undefined;
}

/** How a connector reads a whole table. */
export interface TableCopy {
  /** Names of the order columns; empty where the walk cannot be resumed. */
  readonly order: readonly string[];
  /** From behind `start` to the end or `maxRows`. */
  stretches(start: PlaceKey | undefined, limits: ReadLimits, signal: AbortSignal): AsyncIterable<CopyStretch>;
}

/** Where a new copy begins. `then` is where the source goes on after it; without it the source is done. */
export function copyStart({ order }: TableCopy, then?: SnapshotPlace['then']): SnapshotPlace {
  return { phase: 'snapshot', order, ...(then && { then }) };
}

/**
 * Blocks of a full copy from its place on. A walk that cannot go on, because it is one of a single moment or the table's
 * key is another now, begins again with `restart`.
 */
export async function* walkCopy(
  strategy: string,
  copy: TableCopy,
  place: SnapshotPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const { order } = copy;
  const then = place.then ?? { phase: 'done' };
  const began = place.after !== undefined;
  const goesOn = began && order.length > 0 && order.join('\n') === place.order.join('\n');
  const { after, ...placeBefore } = place;
  const here = { ...placeBefore, order };
  let restart = began && !goesOn;
  let last = goesOn ? after : undefined;
  const blockOf = (stretch: CopyStretch | undefined, ended: boolean): RowsBlock => {
    // a walk without order has a place, too: none to go on from
    last = stretch?.last ?? last ?? [];
    const block: RowsBlock = {
      kind: 'rows',
      phase: 'snapshot',
      bytes: stretch?.bytes ?? new Uint8Array(0),
      rows: stretch?.rows ?? 0,
      repeated: 0,
      rejected: stretch?.rejected ?? [],
      ...(ended && { lastOfSnapshot: true }),
      ...(restart && { restart }),
      ...(stretch?.release && { release: stretch.release }),
      checkpoint: checkpointOf(strategy, ended ? then : { ...here, after: last }),
    };
    restart = false;
    return block;
  };
  // a block is held until it is known whether another one follows
  let held: CopyStretch | undefined;
  let taken = 0;
  try {
    for await (const stretch of copy.stretches(last, limits, signal)) {
      if (held) yield blockOf(held, false);
      held = stretch;
      taken += stretch.taken;
    }
  } catch (error) {
    // what was read before need not be read again
    if (held && !signal.aborted) yield blockOf(held, false);
    throw error;
  }
  const whole = taken < (limits.maxRows ?? Number.POSITIVE_INFINITY);
  if (held || whole) yield blockOf(held, whole);
}
