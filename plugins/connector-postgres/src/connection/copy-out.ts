import { rowLimits } from '@qianzhi/rows';
import type pg from 'pg';
import { type BlockQueue, createBlockQueue } from './block-queue.js';
import { throwIfAborted } from './classify.js';
import { type CopiedRows, createFramer, type Framer } from './copy-framer.js';
import { connectionErrors } from './errors.js';
import { GRACE_MS, type Session, stalled } from './session.js';
import { type ByteStream, interceptBytes } from './socket.js';

export interface CopyOptions {
  readonly blockBytes: number;
  /** So many bytes may wait for the reader; then the socket is paused, and with it the server. */
  readonly aheadBytes?: number;
  /**
   * So long the socket may stay paused; then the session is ended with STATEMENT_TIMEOUT. A server that cannot send does
   * not notice its own time limit, and would hold its transaction open. The statement's limit unless told.
   */
  readonly holdMs?: number;
  /** Told the only value of a statement before the COPY, in the same text, before any of its rows is given. */
  readonly onValue?: (text: string | null) => void;
}

/** What the driver hands to a query of our own making, as far as it is used here. */
interface DriverConnection {
  readonly stream: ByteStream;
  query(sql: string): void;
}

/**
 * Runs `COPY … TO STDOUT` and gives its rows in blocks. While it runs the socket's bytes come to our framer instead of
 * the driver's parser, which would make objects of each row; all messages but CopyData are handed back to the driver.
 * Rows that came before an error are given first. Leaving the loop early cancels the COPY and ends the session.
 */
export async function* copyOut(
  session: Session,
  sql: string,
  options: CopyOptions,
  signal: AbortSignal,
): AsyncGenerator<CopiedRows> {
  const queue = createBlockQueue(options.aheadBytes ?? 2 * options.blockBytes);
  const holdMs = options.holdMs ?? session.config.statementTimeoutMs;
  let hold: NodeJS.Timeout | undefined;
  const onHeld = (held: boolean) => {
    clearTimeout(hold);
    if (held) hold = setTimeout(() => session.abandon(late(session, holdMs)), holdMs);
  };
  const copy = createCopy(sql, options, queue, onHeld);
  let ended = false;
  const finished = session.during(() => {
    session.client.query(copy.query);
    return copy.done;
  }, signal);
  const outcome = finished
    .then(
      () => queue.end(),
      (error: unknown) => queue.end(error),
    )
    .finally(() => {
      ended = true;
      clearTimeout(hold);
    });
  try {
    for (;;) {
      const block = await orStalled(queue.next(), session);
      throwIfAborted(session.about.doing, signal);
      if (!block) break;
      yield block;
      throwIfAborted(session.about.doing, signal);
    }
  } finally {
    if (!ended) session.abandon();
    await outcome;
  }
}

function late(session: Session, limitMs: number) {
  return connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs));
}

/** The server ends a statement by its own timeout; a server or line that says nothing at all is ended here. */
async function orStalled<T>(waiting: Promise<T>, session: Session): Promise<T> {
  const limitMs = session.config.statementTimeoutMs;
  const timer = setTimeout(() => session.abandon(late(session, limitMs)), limitMs + GRACE_MS);
  try {
    return await waiting;
  } finally {
    clearTimeout(timer);
  }
}

/** The driver's idea of a running query: it calls these when the messages we hand back arrive. */
function createCopy(sql: string, options: CopyOptions, queue: BlockQueue, onHeld: (held: boolean) => void) {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const done = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  let framer: Framer | undefined;
  const query = {
    submit(connection: DriverConnection) {
      framer = takeOver(connection, options, queue, onHeld, (error) => {
        reject(error);
        connection.stream.destroy();
      });
      connection.query(sql);
    },
    handleCommandComplete({ text }: { text: string }) {
      const told = /^COPY (\d+)$/.exec(text);
      if (told && Number(told[1]) !== framer?.seen) reject(new Error('rows of COPY are missing'));
    },
    handleReadyForQuery() {
      framer?.flush();
      resolve();
    },
    handleError(error: unknown) {
      framer?.flush();
      reject(error);
    },
    handleDataRow({ fields }: { fields: readonly (string | null)[] }) {
      options.onValue?.(fields[0] ?? null);
    },
    handleEmptyQuery() {},
    handleRowDescription() {},
    handlePortalSuspended() {},
    handleCopyInResponse() {},
    handleCopyData() {},
  };
  return { query: query as unknown as pg.Submittable, done };
}

/** Puts our framer in the place of the driver's parser until the server is ready for the next query. */
function takeOver(
  { stream }: DriverConnection,
  options: CopyOptions,
  queue: BlockQueue,
  onHeld: (held: boolean) => void,
  fail: (error: unknown) => void,
): Framer {
  const line = interceptBytes(stream, (chunk) => {
    try {
      framer.push(chunk);
    } catch (error) {
      fail(error);
    }
  });
  const framer = createFramer({
    blockBytes: options.blockBytes,
    maxRowBytes: rowLimits.rowBytes,
    onBlock: (block) => queue.push(block),
    onOther(message, ready) {
      if (ready) giveBack();
      line.passOn(message);
    },
  });

  function giveBack(): void {
    line.release();
    queue.onFull = () => {};
    onHeld(false);
    stream.resume();
  }

  queue.onFull = (full) => {
    if (full) stream.pause();
    else stream.resume();
    onHeld(full);
  };
  return framer;
}
