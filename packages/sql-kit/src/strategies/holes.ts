/**
 * Serials that were missing between others when they were read: a transaction that took one may commit later than
 * one that took a higher one, or never. Both ends belong to the hole.
 */
export interface Hole {
  readonly from: string;
  readonly to: string;
  /** Every transaction that was open when the hole was seen has a lower id than this. */
  readonly before: string;
  readonly seenMs: number;
}
export type Holes = readonly Hole[];

/** What the database said when it was read: ids of transactions and its clock. An id is any number that rises with the time at which transactions begin. */
export interface Moment {
  /** All transactions with lower ids are over, and what they committed is seen. */
  readonly oldest: bigint;
  /** No transaction that began has this id or a higher one. */
  readonly next: bigint;
  readonly ms: number;
  /** A hole stays open at least so long; as long as a transaction lasts where nobody can see those of others. */
  readonly settleMs?: number;
}

/** A serial is taken a moment before its transaction gets an id. */
const TAKEN_MS = 10_000;
/** More holes than this are taken together: what lies between them is then read once more, harmlessly. */
const MOST_HOLES = 1000;

/** Follows one read of a change table: which serials are read, and which may still come. */
export interface Trail {
  /** Every serial up to here is read or in a hole. */
  readonly serial: bigint;
  /** Call it for each change, in rising order of serials. */
  passed(serial: bigint): void;
  /** Those that may still be filled. */
  holes(): Holes;
}

/** `step` is the usual distance of two serials. */
export function followTrail(serial: bigint, known: Holes, step: bigint, moment: Moment): Trail {
  let holes = [...known];
  let reached = serial;
  let last = -1n;
  // serials come in rising order: what lies below the last one is read
  const isRead = (hole: Hole) => BigInt(hole.to) < last;
  return {
    get serial() {
      return reached;
    },
    passed(next) {
      last = next;
      if (next > reached) {
        if (next - reached > step) holes.push(holeOf(reached + 1n, next - 1n, moment));
        reached = next;
        return;
      }
      holes = holes.flatMap((hole) => without(hole, next));
    },
    holes() {
      holes = holes.filter((hole) => !(isRead(hole) && isSettled(hole, moment)));
      // a copy: more may be passed while somebody keeps it
      return holes.length > MOST_HOLES ? joined(holes) : [...holes];
    },
  };
}

/** Whether all transactions that could fill the hole were over before this read. */
function isSettled(hole: Hole, moment: Moment): boolean {
  return BigInt(hole.before) <= moment.oldest && moment.ms - hole.seenMs >= (moment.settleMs ?? TAKEN_MS);
}

export function holeOf(from: bigint, to: bigint, moment: Moment): Hole {
  return { from: String(from), to: String(to), before: String(moment.next), seenMs: moment.ms };
}

function without(hole: Hole, serial: bigint): Hole[] {
  const from = BigInt(hole.from);
  const to = BigInt(hole.to);
  if (serial < from || serial > to) return [hole];
  const parts: Hole[] = [];
  if (from < serial) parts.push({ ...hole, to: String(serial - 1n) });
  if (serial < to) parts.push({ ...hole, from: String(serial + 1n) });
  return parts;
}

/** The nearest neighbours, until there are few enough. */
function joined(holes: readonly Hole[]): Hole[] {
  const sorted = [...holes].sort((a, b) => (BigInt(a.from) < BigInt(b.from) ? -1 : 1));
  const gaps = sorted
    .slice(1)
    .map((hole, at) => ({ hole, read: BigInt(hole.from) - BigInt(sorted[at]!.to) }));
  gaps.sort((a, b) => (a.read < b.read ? 1 : -1));
  const apart = new Set([sorted[0]!, ...gaps.slice(0, MOST_HOLES - 1).map(({ hole }) => hole)]);
  const result: Hole[] = [];
  for (const hole of sorted) {
    const last = result.at(-1);
    if (!last || apart.has(hole)) result.push(hole);
    else result[result.length - 1] = together(last, hole);
  }
  return result;
}

function together(one: Hole, next: Hole): Hole {
  const before = BigInt(one.before) > BigInt(next.before) ? one.before : next.before;
  return { from: one.from, to: next.to, before, seenMs: Math.max(one.seenMs, next.seenMs) };
}
