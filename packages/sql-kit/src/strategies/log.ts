import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type LogPlace, type Place } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import { note, type WalkedTable } from './walked-table.js';

/** A block's worth of changed rows, whole and as they are now, and the place behind them. */
export interface LogStretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Changes that it stands for. */
  readonly taken: number;
  /** Always between two transactions: a block that ends inside one has the place before it, and is read again from there. */
  readonly place: LogPlace;
  /** Why single rows can no longer be told (`truncated`): nothing follows behind the place but a full copy. */
  readonly copyBecause?: string;
  /** With `copyBecause`: the place is of no use, the log is begun anew. */
  readonly beginAnew?: boolean;
}

/** How a connector follows the log of its database for one table. */
export interface LogReader {
  /** Has the database keep its log from here on. Whatever commits behind the place is in the log, all before it is seen by later reads. */
  begin(signal: AbortSignal): Promise<LogPlace>;
  /** Why the log cannot be followed from the place on (a word for a notice); undefined where it can. */
  lost(place: LogPlace, signal: AbortSignal): Promise<string | undefined>;
  /** `stretches` knows `limits.follow`. */
  readonly follows?: boolean;
  /**
   * Rows of all that was committed behind the place before the call; ends with the first transaction past `limits.maxRows` changes.
   * With `limits.follow` it stays open as `Source.read` does, and ends early where `lost` would now say something.
   */
  stretches(place: LogPlace, limits: ReadLimits, signal: AbortSignal): AsyncIterable<LogStretch>;
  /** The database may forget what lies before the place. May be repeated, late and out of order. */
  release(place: LogPlace, signal: AbortSignal): Promise<void>;
}

/**
 * First a full copy, its place in the log taken before; then each changed row as it is now, until it is what it was when it was
 * read. A log that is gone, or was another one's, leads to a full copy with the notice `copied-again`, which says why.
 */
export async function* walkLog(
  table: WalkedTable,
  copy: TableCopy,
  log: LogReader,
  from: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const { strategy } = table;
  let place = from;
  for (;;) {
    let restart = false;
    const followed = logPlaceOf(place);
    const reason = followed && (await log.lost(followed, signal));
    if (reason !== undefined) {
      tellCopy(table, reason);
      restart = place?.phase === 'snapshot';
      place = undefined;
    }
    if (place?.phase === 'log') {
      const { copyFrom, upTo } = yield* readLog(table, log, place, limits, signal);
      if (!copyFrom && !staysOpen(limits)) return;
      if (!copyFrom) {
        place = upTo;
        continue;
      }
      place = copyStart(copy, copyFrom === 'anew' ? await log.begin(signal) : copyFrom);
    }
    if (place?.phase !== 'snapshot') place = copyStart(copy, await log.begin(signal));
    for await (const block of walkCopy(strategy, copy, place, limits, signal)) {
      yield restart ? { ...block, restart } : block;
      restart = false;
    }
    if (!staysOpen(limits)) return;
    place = place.then;
  }
}

function staysOpen({ follow }: ReadLimits): boolean {
  return follow !== undefined && !follow.aborted;
}

function logPlaceOf(place: Place | undefined): LogPlace | undefined {
  if (place?.phase === 'log') return place;
  return place?.phase === 'snapshot' && place.then?.phase === 'log' ? place.then : undefined;
}

function tellCopy(table: WalkedTable, reason: string): void {
  note(table, 'copied-again', 1, { reason });
  table.context.log.warn(
    { table: table.table.name, reason },
    'the log cannot be followed: a full copy follows',
  );
}

/** Answers how far it came, and the place behind which a full copy must follow, if one must. */
async function* readLog(
  table: WalkedTable,
  log: LogReader,
  place: LogPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock, { readonly upTo: LogPlace; readonly copyFrom?: LogPlace | 'anew' }> {
  let upTo = place;
  for await (const stretch of log.stretches(place, limits, signal)) {
    const { bytes, rows, rejected } = stretch;
    if (stretch.copyBecause !== undefined) {
      tellCopy(table, stretch.copyBecause);
      return { upTo, copyFrom: stretch.beginAnew ? 'anew' : stretch.place };
    }
    upTo = stretch.place;
    const checkpoint = checkpointOf(table.strategy, upTo);
    // one without rows moves the place on, so that the log need not be kept
    yield { kind: 'rows', phase: 'delta', bytes, rows, repeated: 0, rejected, checkpoint };
  }
  return { upTo };
}
