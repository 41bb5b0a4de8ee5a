import type { ReadLimits } from '@qianzhi/plugin-api';
import type { LogPlace } from './checkpoint.js';
import type { LogStretch } from './log.js';

/** Gathers what a log says until it is taken: each key once. */
export interface LogTransactions<Event, Changes> {
  add(event: Event): void;
  /** Behind the last whole transaction. */
  readonly place: LogPlace;
  /** A transaction has begun and not ended. */
  readonly within: boolean;
  /** Keys that wait. */
  readonly keys: number;
  /** Why single rows can no longer be told. */
  readonly copyBecause: string | undefined;
  /** Whatever waits, with what has to be seen of whoever changed it. */
  take(): Changes;
}

/** A log that is being followed for one table. */
export interface FollowedLog<Event, Changes> {
  readonly transactions: LogTransactions<Event, Changes>;
  /** What has come since the last call, waiting for something; undefined at the end of the log. */
  next(signal: AbortSignal): Promise<readonly Event[] | undefined>;
  /** All that was committed before the read began has come. */
  reached(): boolean;
  /** A read that stays open where there is no more; left out: none does. */
  staysOpen?(): boolean;
  /** Asked while it stays open, whenever what is at hand was told; false ends the read, for whoever reads on to ask what is lost. */
  goesOn?(signal: AbortSignal): Promise<boolean>;
  /** The rows of these keys as they are now, once the changes are seen. */
  rows(changes: Changes, signal: AbortSignal): AsyncIterable<Omit<LogStretch, 'place'>>;
  /** Waits until the changes are seen. */
  seen(changes: Changes, signal: AbortSignal): Promise<void>;
  /** So much log of others lies between that a place without rows is worth a block. */
  isStep(from: LogPlace, to: LogPlace): boolean;
}

/** Keys that are looked up by one statement at most. */
const KEYS = 5000;

/**
 * Each changed row of the log, in blocks: those that end inside a transaction have the place before it. A read that stays open tells
 * what is at hand before it waits.
 */
export async function* logStretches<Event, Changes extends { readonly keys: readonly unknown[] }>(
  log: FollowedLog<Event, Changes>,
  { maxRows = Number.POSITIVE_INFINITY }: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<LogStretch> {
  const { transactions } = log;
  let told = transactions.place;
  let taken = 0;
  /** Rows were told under a place before them. */
  let ahead = false;
  async function* look(): AsyncGenerator<LogStretch> {
    const changes = transactions.take();
    const places = { before: told, behind: transactions.place };
    taken += changes.keys.length;
    told = places.behind;
    ahead = transactions.within;
    let held: Omit<LogStretch, 'place'> | undefined;
    for await (const stretch of log.rows(changes, signal)) {
      if (held) yield { ...held, place: places.before };
      held = stretch;
    }
    if (held) yield { ...held, place: places.behind };
  }
  async function* tell(): AsyncGenerator<LogStretch> {
    if (transactions.keys > 0) yield* look();
    const { place } = transactions;
    if (!ahead && !log.isStep(told, place)) return;
    told = place;
    ahead = false;
    yield { ...nothing, place };
  }
  for (let done = false; !done; ) {
    const events = await log.next(signal);
    if (!events) break;
    for (const event of events) {
      transactions.add(event);
      if (transactions.keys >= KEYS) yield* look();
      if (transactions.within) continue;
      const { copyBecause } = transactions;
      if (copyBecause !== undefined) {
        await log.seen(transactions.take(), signal);
        yield { ...nothing, place: transactions.place, copyBecause };
        return;
      }
      done = log.reached() || taken + transactions.keys >= maxRows;
      if (done) break;
    }
    if (done || !log.staysOpen?.()) continue;
    if (!transactions.within) yield* tell();
    if (log.goesOn && !(await log.goesOn(signal))) return;
    done = !transactions.within && log.reached();
  }
  yield* tell();
}

const nothing = { bytes: new Uint8Array(0), rows: 0, rejected: [], taken: 0 } as const;
