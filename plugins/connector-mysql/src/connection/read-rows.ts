import { throwIfAborted } from './classify.js';
import { connectionErrors } from './errors.js';
import { GRACE_MS, type Session, stalled } from './session.js';
import { type Coded, type DriverConnection, type Packet, readCoded, runCommand } from './wire.js';

/** Makes blocks of the rows of a statement. */
export interface RowTaker<Block> {
  /** One row: its fields are length-coded from `start` to `end`; NULL is 0xfb. Good only while it is looked at. */
  row(bytes: Buffer, start: number, end: number): void;
  /** A block, once enough rows for one are there. */
  full(): Block | undefined;
  /** What is left at the end. */
  rest(): Block | undefined;
}

export interface ReadOptions {
  /** So many blocks may wait for the reader; then the socket is paused, and with it the server. */
  readonly aheadBlocks?: number;
  /** So long the socket may stay paused; then the session is ended with STATEMENT_TIMEOUT. */
  readonly holdMs?: number;
}

/**
 * Runs a SELECT and gives its rows in blocks, straight from the packets. Rows that came before an error are given first.
 * Leaving the loop early ends the statement in the server and the session.
 */
export async function* readRows<Block>(
  session: Session,
  sql: string,
  taker: RowTaker<Block>,
  { aheadBlocks = 2, holdMs = session.config.statementTimeoutMs }: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  const blocks: Block[] = [];
  let stream: DriverConnection['stream'] | undefined;
  let hold: NodeJS.Timeout | undefined;
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};

  function push(block: Block | undefined): void {
    if (block === undefined) return;
    blocks.push(block);
    if (blocks.length >= aheadBlocks && !hold && !ended) {
      stream?.pause();
      const late = connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, holdMs));
      hold = setTimeout(() => session.abandon(late), holdMs);
    }
    wake();
  }

  function goOn(): void {
    if (!hold) return;
    clearTimeout(hold);
    hold = undefined;
    stream?.resume();
  }

  const take = rowPackets((packet) => {
    taker.row(packet.buffer, packet.offset, packet.end);
    push(taker.full());
  });
  const running = session.during(
    () =>
      runCommand(session.client, sql, (packet, connection) => {
        stream = connection.stream;
        return take(packet);
      }),
    signal,
  );
  const outcome = running
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      ended = true;
      goOn();
      push(taker.rest());
      wake();
    });

  try {
    for (;;) {
      const block = blocks.shift();
      if (block !== undefined) {
        if (blocks.length < aheadBlocks) goOn();
        throwIfAborted(session.about.doing, signal);
        yield block;
        throwIfAborted(session.about.doing, signal);
      } else if (ended) {
        break;
      } else {
        const something = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await orStalled(something, session);
      }
    }
    if (failure) throw failure.error;
  } finally {
    if (!ended) session.abandon();
    await outcome;
  }
}

/** The server ends a statement by its own limit; a server or line that says nothing at all is ended here. */
async function orStalled(waiting: Promise<void>, session: Session): Promise<void> {
  const limitMs = session.config.statementTimeoutMs;
  const late = () => session.abandon(connectionErrors.STATEMENT_TIMEOUT(stalled(session.about, limitMs)));
  const timer = setTimeout(late, limitMs + GRACE_MS);
  try {
    await waiting;
  } finally {
    clearTimeout(timer);
  }
}

/** Tells the packets of a result apart: how many columns, each of them, an end of these, rows, an end. */
function rowPackets(onRow: (packet: Packet) => void): (packet: Packet) => boolean {
  const coded: Coded = { value: 0, end: 0 };
  /** Column definitions to come, and the end behind them; -1 before their number is known. */
  let definitions = -1;
  return (packet) => {
    if (definitions > 0) {
      definitions--;
      return false;
    }
    if (definitions < 0) {
      readCoded(packet.buffer, packet.offset, coded);
      definitions = coded.value + 1;
      // a statement without a result
      return coded.value === 0;
    }
    // an end is shorter than a row whose first field could begin so
    if (packet.buffer[packet.offset] === 0xfe && packet.end - packet.offset < 9) return true;
    onRow(packet);
    return false;
  };
}
