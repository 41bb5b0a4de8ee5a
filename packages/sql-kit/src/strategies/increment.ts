import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { type Clocks, checkpointOf, type PlaceKey, type WatermarkPlace } from './checkpoint.js';
import type { Window } from './window.js';

/** A place whose increment has its end and its next mark; one that is resumed keeps those it had. */
export interface GoingPlace extends WatermarkPlace {
  readonly going: NonNullable<WatermarkPlace['going']>;
  /** Where the increment begins; null for all there is. */
  readonly lower: string | null;
  /** For the place behind the increment; while it is read those of the place before hold. */
  readonly clocksNow: Clocks;
}

/** A block's worth of an increment, without the rows that the window knows. */
export interface IncrementStretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Rows of the table that it stands for. */
  readonly taken: number;
  /** Time and key of the last of them. */
  readonly last: PlaceKey;
  /** That time as marks are printed, where the key prints it otherwise. */
  readonly lastTime?: string;
}

export interface IncrementWalk {
  readonly strategy: string;
  readonly place: GoingPlace;
  /** Rows may be equal in all terms of the order (a view): an increment is then resumed from its beginning. */
  readonly ties: boolean;
  readonly window: Window;
  /** In the order of their time; they ask `carriesOf` of each row. */
  readonly stretches: AsyncIterable<IncrementStretch>;
}

/** Blocks of one increment; every block's checkpoint stands for its own rows alone, also in what it remembers of the window. */
export async function* walkIncrement(walk: IncrementWalk, limits: ReadLimits): AsyncGenerator<RowsBlock> {
  const { strategy, place, window } = walk;
  let counted = 0;
  let taken = 0;
  // made before more rows come, which its checkpoint must not know of; held until it is known to be the last
  let held: RowsBlock | undefined;
  for await (const stretch of walk.stretches) {
    if (held) yield held;
    taken += stretch.taken;
    held = {
      kind: 'rows',
      phase: 'delta',
      bytes: stretch.bytes,
      rows: stretch.rows,
      repeated: window.repeated - counted,
      rejected: stretch.rejected,
      checkpoint: checkpointOf(strategy, placeWithin(walk, stretch)),
    };
    counted = window.repeated;
  }
  const cut = taken >= (limits.maxRows ?? Number.POSITIVE_INFINITY);
  const checkpoint = checkpointOf(strategy, placeBehind(place, window));
  if (held) yield cut ? held : { ...held, checkpoint };
  else if (place.after) yield { ...emptyDelta, checkpoint };
}

export const emptyDelta = {
  kind: 'rows',
  phase: 'delta',
  bytes: new Uint8Array(0),
  rows: 0,
  repeated: 0,
  rejected: [],
} as const satisfies Partial<RowsBlock>;

/** Where the next increment starts: this one is read to its end. */
function placeBehind({ going, after, mark, clocksNow }: GoingPlace, window: Window): WatermarkPlace {
  const { next, keepFrom, upTo } = going;
  const stays = (time: string) => keepFrom === null || time >= keepFrom;
  const seen = window.packEnd(stays, after !== undefined);
  return { phase: 'watermark', mark: next ?? mark, clocks: clocksNow, seen, seenTo: upTo };
}

/** Where this increment goes on. Rows that may be equal in all terms are read once more, and known by their digests. */
function placeWithin(
  { ties, window, place: whole }: IncrementWalk,
  { last, lastTime }: IncrementStretch,
): WatermarkPlace {
  const { lower: _, clocksNow: __, ...place } = whole;
  const time = lastTime ?? last[0] ?? null;
  const passed = !ties && place.seenTo !== null && time !== null && time > place.seenTo;
  // behind what was seen before, only this read's own rows are worth remembering
  const seen = passed ? window.packEnd(() => true, false) : window.packAll();
  return { ...place, ...(!ties && { after: last }), seen };
}

/** Whether a row is carried: only times that an earlier or a later increment may meet again are looked up and remembered. */
export function carriesOf({ seenTo, going }: GoingPlace, window: Window) {
  return (time: string, row: Uint8Array): boolean => {
    const known = seenTo !== null && time <= seenTo;
    const needed = known || going.keepFrom === null || time >= going.keepFrom;
    return !needed || window.carry(row, time);
  };
}

/**
 * By how many seconds the database's clock has lost against this machine's since the last read: rows written since then may have
 * times that lie so far behind the mark. A step of this machine's own clock forward looks the same and only costs a
 * wider window.
 */
export function secondsLost(before: Clocks, now: Clocks): number {
  const elapsedMs = now.agentMs - before.agentMs;
  const lostMs = Math.max(
    elapsedMs - (now.databaseMs - before.databaseMs),
    before.databaseMs - now.databaseMs,
  );
  // two clocks that are set right all the time still drift a little
  const allowedMs = 2_000 + Math.abs(elapsedMs) / 1000;
  return lostMs > allowedMs ? Math.ceil(lostMs / 1000) : 0;
}
