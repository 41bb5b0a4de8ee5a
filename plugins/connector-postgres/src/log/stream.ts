import type pg from 'pg';
import { classify } from '../connection/classify.js';
import { connectionErrors } from '../connection/errors.js';
import { type Session, stalled } from '../connection/session.js';

/** A walsender gives a client up that says nothing for a minute, and is found out by its silence as well. */
const TELL_MS = 5_000;
/** Releases that follow each other are told together: each has the server move its slot. */
const RELEASE_MS = 250;
/** How long a server may take to end its stream. */
const END_MS = 2_000;

const LOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
/** Seconds from 1970 to 2000, where PostgreSQL's time begins. */
const EPOCH_SECONDS = 946_684_800n;

/** What the driver hands to a query of our own making, as far as it is used here. */
interface DriverConnection {
  readonly stream: { pause(): void; resume(): void; destroy(): void };
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** Called as it comes. */
export interface StreamListener {
  /** Of the output plugin; only good while it is handled. */
  message(message: Buffer): void;
  /** All that lies before was told. */
  position(position: bigint): void;
  /** Every now and then. */
  tick(): void;
  /** Nothing comes any more, because of this. */
  over(error: unknown): void;
}

/** A running START_REPLICATION. */
export interface LogStream {
  /** Resolves with the first sign of the server, or rejects. */
  readonly opened: Promise<void>;
  /** Has the server say how far it is. */
  ask(): void;
  /** The server may forget what lies before. */
  release(position: bigint): void;
  /** The server waits, once the line is full. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

/**
 * Follows a slot on a session of its own. What is released is told with every sign of life, and rises by `release` alone: reading
 * lets the server forget nothing.
 */
export function openStream(
  session: Session,
  sql: string,
  from: bigint,
  listener: StreamListener,
  during: AbortSignal,
): LogStream {
  let connection: DriverConnection | undefined;
  let confirmed = 0n;
  let received = from;
  let ended = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  let releasing: NodeJS.Timeout | undefined;
  let paused = false;
  let heardAt = performance.now();
  let open = () => {};
  let refuse: (error: unknown) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    refuse = reject;
  });
  opened.catch(() => undefined); // told to whoever awaits it, and by `over`

  const tell = (ask: boolean): void => {
    if (!connection || ended) return;
    clearTimeout(releasing);
    releasing = undefined;
    toldAt = performance.now();
    connection.sendCopyFromChunk(statusOf(received, confirmed, ask));
  };
  const take = (message: Buffer): void => {
    heardAt = performance.now();
    if (message[0] === LOG_DATA) {
      listener.message(message.subarray(25));
    } else if (message[0] === KEEPALIVE) {
      const position = message.readBigUInt64BE(1);
      received = position > received ? position : received;
      if (message[17] === 1) tell(false);
      listener.position(position);
    }
    open();
  };
  const limitMs = session.config.statementTimeoutMs;
  const ticking = setInterval(
    () => {
      if (!paused && performance.now() - heardAt > limitMs)
        session.abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs)));
      tell(!paused);
      listener.tick();
    },
    Math.min(TELL_MS, limitMs / 2),
  );
  ticking.unref();
  const running = session
    .during(() => {
      const { query, done } = createQuery(sql, take, (given) => {
        connection = given;
        // where nothing was written the answer is all that comes
        tell(true);
      });
      session.client.query(query);
      return done;
    }, during)
    .then(() => classify(new Error('Connection terminated'), session.about))
    .catch((error: unknown) => error)
    .then((error) => {
      ended = true;
      clearInterval(ticking);
      clearTimeout(releasing);
      refuse(error);
      listener.over(error);
    });

  return {
    opened,
    ask: () => tell(true),
    release(position) {
      if (position <= confirmed) return;
      confirmed = position;
      releasing ??= setTimeout(tell, Math.max(0, toldAt + RELEASE_MS - performance.now()), false);
    },
    pause() {
      paused = true;
      connection?.stream.pause();
    },
    resume() {
      paused = false;
      heardAt = performance.now();
      connection?.stream.resume();
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
      connection.query(sql);
      onConnection(connection);
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
