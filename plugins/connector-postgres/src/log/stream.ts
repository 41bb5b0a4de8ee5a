import type pg from 'pg';
import { classify, throwIfAborted } from '../connection/classify.js';
import { connectionErrors } from '../connection/errors.js';
import { type Session, stalled } from '../connection/session.js';
import type { LogEvent } from './pgoutput.js';

/** A walsender answers a question for its position at once, and gives a client up that says nothing for a minute. */
const ASK_MS = 10;
const TELL_MS = 5_000;
/** Where nothing is waited for, a server that does not answer is found out all the same. */
const FOLLOW_ASK_MS = 5_000;
/** So many events may wait for the reader; then the socket is paused, and with it the server. */
const WAITING_EVENTS = 20_000;
/** Releases that follow each other are told together: each has the server move its slot. */
const RELEASE_MS = 250;
/** How long a server may take to end its stream. */
const END_MS = 2_000;

const LOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
/** Seconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_SECONDS = 946_684_800n;

export type StreamEvent = LogEvent | { readonly kind: 'position'; readonly position: bigint };

/** What the driver hands to a query of our own making, as far as it is used here. */
interface DriverConnection {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A running START_REPLICATION. */
export interface LogStream {
  /**
   * All that has come, at least one event. With `follow` it waits for as long as it takes, and answers none when that fires; else the
   * server is asked how far it is.
   */
  next(signal: AbortSignal, follow?: AbortSignal): Promise<readonly StreamEvent[]>;
  /** The server may forget what lies before. */
  release(position: bigint): void;
  close(): Promise<void>;
}

/**
 * Follows a slot on a session of its own. `released` is told with every sign of life, and rises by `release` alone: reading
 * lets the server forget nothing.
 */
export function openStream(
  session: Session,
  sql: string,
  { received: from, released }: { readonly received: bigint; readonly released: bigint },
  decode: (message: Buffer) => readonly LogEvent[],
  opening: AbortSignal,
): LogStream {
  let connection: DriverConnection | undefined;
  let confirmed = released;
  let received = from;
  let events: StreamEvent[] = [];
  let failed: unknown;
  let ended = false;
  let asked = false;
  let wake = () => {};
  let toldAt = Number.NEGATIVE_INFINITY;
  let releasing: NodeJS.Timeout | undefined;

  const tell = (ask: boolean): void => {
    if (!connection || ended) return;
    clearTimeout(releasing);
    releasing = undefined;
    toldAt = performance.now();
    connection.sendCopyFromChunk(statusOf(received, confirmed, ask));
  };
  const take = (message: Buffer): void => {
    if (message[0] === LOG_DATA) {
      events.push(...decode(message.subarray(25)));
    } else if (message[0] === KEEPALIVE) {
      const position = message.readBigUInt64BE(1);
      received = position > received ? position : received;
      events.push({ kind: 'position', position });
      if (message[17] === 1) tell(false);
    }
    if (events.length >= WAITING_EVENTS) connection?.stream.pause();
    wake();
  };
  const running = session
    .during(() => {
      const { query, done } = createQuery(sql, take, (given) => {
        connection = given;
      });
      session.client.query(query);
      return done;
    }, opening)
    .catch((error: unknown) => {
      failed = error;
    })
    .finally(() => {
      ended = true;
      clearInterval(telling);
      clearTimeout(releasing);
      wake();
    });
  const telling = setInterval(() => tell(false), TELL_MS);
  telling.unref();

  async function arrived(follow: AbortSignal | undefined): Promise<void> {
    // where nothing was written the answer is all that comes
    if (!asked) tell(true);
    asked = true;
    const limitMs = session.config.statementTimeoutMs;
    const askMs = follow ? Math.min(FOLLOW_ASK_MS, limitMs / 2) : ASK_MS;
    const asking = setInterval(() => tell(true), askMs);
    const giveUp = setTimeout(
      () => session.abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs))),
      limitMs,
    );
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        follow?.addEventListener('abort', wake, { once: true });
      });
    } finally {
      follow?.removeEventListener('abort', wake);
      clearInterval(asking);
      clearTimeout(giveUp);
    }
  }

  return {
    async next(signal, follow) {
      while (events.length === 0 && !follow?.aborted) {
        throwIfAborted(session.about.doing, signal);
        if (failed) throw failed;
        if (ended) throw classify(new Error('Connection terminated'), session.about);
        await arrived(follow);
      }
      const taken = events;
      events = [];
      connection?.stream.resume();
      return taken;
    },
    release(position) {
      if (position <= confirmed) return;
      confirmed = position;
      releasing ??= setTimeout(tell, Math.max(0, toldAt + RELEASE_MS - performance.now()), false);
    },
    async close() {
      if (!ended) {
        connection?.stream.resume();
        if (releasing) tell(false);
        connection?.endCopyFrom();
        const late = setTimeout(() => session.abandon(), END_MS);
        await running;
        clearTimeout(late);
      }
      await session.close();
    },
  };
}

/** Standby status update: https://www.postgresql.org/docs/current/protocol-replication.html */
function statusOf(received: bigint, confirmed: bigint, ask: boolean): Buffer {
  const message = Buffer.alloc(34);
  message[0] = 0x72;
  message.writeBigUInt64BE(received, 1);
  message.writeBigUInt64BE(confirmed, 9);
  message.writeBigUInt64BE(confirmed, 17);
  message.writeBigInt64BE((BigInt(Date.now()) - EPOCH_SECONDS * 1000n) * 1000n, 25);
  message[33] = ask ? 1 : 0;
  return message;
}

/** The driver's idea of a running query: it calls these when messages arrive. A message is only good while it is handled. */
function createQuery(
  sql: string,
  take: (message: Buffer) => void,
  onConnection: (connection: DriverConnection) => void,
) {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const done = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  const query = {
    submit(connection: DriverConnection) {
      onConnection(connection);
      connection.query(sql);
    },
    handleCopyData({ chunk }: { chunk: Buffer }, { stream }: DriverConnection) {
      try {
        take(chunk);
      } catch (error) {
        reject(error);
        stream.destroy();
      }
    },
    handleError: (error: unknown) => reject(error),
    handleReadyForQuery: () => resolve(),
    handleCommandComplete() {},
    handleEmptyQuery() {},
    handleRowDescription() {},
    handleDataRow() {},
    handlePortalSuspended() {},
    handleCopyInResponse() {},
  };
  return { query: query as unknown as pg.Submittable, done };
}
