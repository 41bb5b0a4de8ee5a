import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type Place, type PlaceKey, type SnapshotPlace } from './checkpoint.js';

/** A block's worth of a walk through a table. */
export interface SnapshotStretch {
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

export interface SnapshotWalk {
  readonly strategy: string;
  /** Names of the order columns; empty where the walk cannot be resumed. */
  readonly order: readonly string[];
  readonly place: SnapshotPlace;
  /** Where the source goes on after the last block. */
  readonly then: Place;
  stretches(start: PlaceKey | undefined): AsyncIterable<SnapshotStretch>;
}

/**
 * Blocks of a full copy from its place on. A walk that cannot go on, because it is one of a single moment or the table's
 * key is another now, begins again with `restart`.
 */
export async function* walkSnapshot(walk: SnapshotWalk, limits: ReadLimits): AsyncGenerator<RowsBlock> {
  const { strategy, order, place, then } = walk;
  const began = place.after !== undefined;
  const goesOn = began && order.length > 0 && order.join('\n') === place.order.join('\n');
  const { after, ...placeBefore } = place;
  const here = { ...placeBefore, order };
  let restart = began && !goesOn;
  let last = goesOn ? after : undefined;
  const blockOf = (stretch: SnapshotStretch | undefined, ended: boolean): RowsBlock => {
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
  let held: SnapshotStretch | undefined;
  let taken = 0;
  for await (const stretch of walk.stretches(last)) {
    if (held) yield blockOf(held, false);
    held = stretch;
    taken += stretch.taken;
  }
  const whole = taken < (limits.maxRows ?? Number.POSITIVE_INFINITY);
  if (held || whole) yield blockOf(held, whole);
}
