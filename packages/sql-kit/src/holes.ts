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
      return holes.length > MOST_HOLES ? joined(holes) : holes;
    },
  };
}

/** Whether all transactions that could fill the hole were over before this read. */
function isSettled(hole: Hole, moment: Moment): boolean {
  return BigInt(hole.before) <= moment.oldest && moment.ms - hole.seenMs >= TAKEN_MS;
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

function joined(holes: readonly Hole[]): Hole[] {
  const old = holes.slice(0, holes.length - MOST_HOLES / 2);
  const last = old.at(-1)!;
  return [{ ...last, from: old[0]!.from }, ...holes.slice(old.length)];
}
