import { engineErrors } from '../errors.js';
import type { Sender } from '../outbox/sender.js';
import type { Reading } from '../provider/read-all.js';
import type { CleanBlock } from '../sealer/block.js';
import type { StreamRow } from '../store/stream-table.js';
import { createBell } from './bell.js';
import { createPace, type Pace } from './pace.js';

export interface ReadingOn extends Reading {
  readonly sender: Sender;
  readonly stream: () => StreamRow;
  readonly what: string;
}

/** How far reading came without a row is stored this often. */
const EMPTY_AGE_MS = 1000;

/** Where it may be told at any time, a source is told of receipts this often: each telling waits for the disk. */
const CONFIRM_MS = 100;

/** Reads on until the feed ends, which its `follow` tells it to. True when it ended before the source did. */
export async function readOn(reading: ReadingOn): Promise<boolean> {
  const { feed, sealer, sender, soft, signal } = reading;
  const bell = createBell();
  const ended = new AbortController();
  const blocks = feed.read(reading.from, AbortSignal.any([signal, ended.signal]))[Symbol.asyncIterator]();
  let arrived: { readonly step: IteratorResult<CleanBlock> } | { readonly error: unknown } | undefined;
  let asked: Promise<void> | undefined;
  let since: number | undefined;
  let confirmedAt = Number.NEGATIVE_INFINITY;
  const pace = createPace();
  const ask = () => {
    asked = blocks
      .next()
      .then(
        (step) => {
          arrived = { step };
        },
        (error: unknown) => {
          arrived = { error };
        },
      )
      .finally(() => {
        asked = undefined;
        bell.ring();
      });
  };
  /** Answers in how many milliseconds it may be told again, where it was not told now. */
  const confirmed = async () => {
    const left = confirmedAt + CONFIRM_MS - performance.now();
    if (left > 0) return left;
    await reading.confirm(signal);
    confirmedAt = performance.now();
    return undefined;
  };
  const unhear = sender.onChange(bell.ring);
  try {
    for (ask(); ; ) {
      const failure = sender.failure();
      if (failure) throw failure;
      if (arrived) {
        const came = arrived;
        arrived = undefined;
        if ('error' in came) throw came.error;
        if (came.step.done) return soft.aborted;
        // such a source rests between two blocks alone
        if (!feed.rests()) await reading.confirm(signal);
        if (!soft.aborted) ask();
        await sealer.add(came.step.value);
        since = sealer.begun ? (since ?? performance.now()) : undefined;
        if (soft.aborted) return true;
      }
      if (sealer.underWay > 0) void sealer.settled().then(bell.ring);
      const dueMs = cutsIn(reading, since, pace);
      if (dueMs === 0) {
        since = undefined;
        const now = performance.now();
        const takesPlace = sealer.pending;
        await sealer.cut();
        if (takesPlace) pace.cut(placesTaken(reading), now);
      }
      const againMs = feed.rests() ? await confirmed() : undefined;
      if (dueMs !== 0 && !arrived) await bell.wait(least(dueMs, againMs));
    }
  } finally {
    unhear();
    ended.abort(engineErrors.STOPPING({ what: reading.what }));
    // a feed that waits for its source is given up: what it has not given is read again
    await asked;
    await blocks.return?.();
  }
}

/** Milliseconds until the batch begun is to be cut; undefined: not before something else happens. */
function cutsIn(reading: ReadingOn, since: number | undefined, pace: Pace): number | undefined {
  if (since === undefined) return undefined;
  const { sealer, stream, maxBatchAgeMs } = reading;
  const now = performance.now();
  const age = now - since;
  if (!sealer.pending) return Math.max(0, EMPTY_AGE_MS - age);
  if (maxBatchAgeMs !== undefined) return Math.max(0, maxBatchAgeMs - age);
  return pace.nextIn({ seq: placesTaken(reading), receipted: stream().receipted }, now);
}

/** Of the stream, those of batches still being sealed included. */
const placesTaken = ({ sealer, stream }: ReadingOn) => stream().seq + sealer.underWay;

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
