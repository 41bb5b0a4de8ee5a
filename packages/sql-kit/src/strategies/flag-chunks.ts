import type { PlaceKey } from './checkpoint.js';
import type { FlagRange, FlagReader, FlagStretch } from './flag.js';

/** Rows of one statement that sets them done. */
const SETTLED_ROWS = 1000;

type Picks = (row: Uint8Array) => boolean;

/** The statements of a pick-up column, of a database that locks rows. */
export interface FlagStatements<Session extends { close(): Promise<void> }> {
  /** Rows of one statement that reads at most. */
  readonly chunkRows: number;
  /**
   * One statement's pending rows behind a key, with how many were looked at. `more`: it ended before its time, and another one goes on
   * behind the last row.
   */
  chunk(
    behind: PlaceKey | undefined,
    most: number,
    carries: Picks,
    blockBytes: number,
    signal: AbortSignal,
  ): AsyncIterable<FlagStretch & { readonly taken: number; readonly more?: boolean }>;
  /** A session that may write. */
  open(signal: AbortSignal): Promise<Session>;
  run(session: Session, sql: string, signal: AbortSignal): Promise<unknown>;
  /** What begins a transaction. */
  readonly begin: string;
  /** Locks the pending rows of a range, and answers the keys of those that are picked. */
  pickedKeys(
    session: Session,
    range: FlagRange,
    picked: Picks,
    signal: AbortSignal,
  ): Promise<readonly PlaceKey[]>;
  /** Statement that sets pending rows done. */
  setDone(keys: readonly PlaceKey[]): string;
  /** Changes nothing, and is refused where rows could not be set done. */
  readonly proof: string;
  /** What is done about a range that failed; throws what cannot be helped. Its transaction is still open. */
  recover?(
    error: unknown,
    session: Session,
    range: FlagRange,
    picked: Picks,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Proves first that rows can be set done: otherwise that would come out once they are delivered. Throws what the database says. */
export async function chunkedFlagReader<Session extends { close(): Promise<void> }>(
  statements: FlagStatements<Session>,
  opening: AbortSignal,
): Promise<FlagReader> {
  const { chunkRows, begin, run } = statements;
  await writing(async (session) => void (await run(session, statements.proof, opening)), opening);

  async function writing(work: (session: Session) => Promise<void>, signal: AbortSignal): Promise<void> {
    const session = await statements.open(signal);
    try {
      await work(session);
    } finally {
      await session.close();
    }
  }

  async function settleRange(session: Session, range: FlagRange, picked: Picks, signal: AbortSignal) {
    await run(session, begin, signal);
    try {
      const keys = await statements.pickedKeys(session, range, picked, signal);
      for (let from = 0; from < keys.length; from += SETTLED_ROWS)
        await run(session, statements.setDone(keys.slice(from, from + SETTLED_ROWS)), signal);
      await run(session, 'COMMIT', signal);
    } catch (error) {
      if (!statements.recover) throw error;
      await statements.recover(error, session, range, picked, signal);
    }
  }

  return {
    async *stretches(carries, { blockBytes, maxRows }, signal) {
      let left = maxRows ?? Number.POSITIVE_INFINITY;
      let key: PlaceKey | undefined;
      while (left > 0) {
        const most = Math.min(left, chunkRows);
        let taken = 0;
        let goesOn = false;
        for await (const stretch of statements.chunk(key, most, carries, blockBytes, signal)) {
          taken += stretch.taken;
          goesOn = stretch.more === true;
          key = stretch.last;
          yield stretch;
        }
        if (taken < most && !goesOn) return;
        left -= taken;
      }
    },
    settle: (ranges, picked, signal) =>
      writing(async (session) => {
        for (const range of ranges) await settleRange(session, range, picked, signal);
      }, signal),
  };
}
