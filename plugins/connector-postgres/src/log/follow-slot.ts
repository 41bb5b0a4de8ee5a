import { setTimeout as pause } from 'node:timers/promises';
import { isQianzhiError } from '@qianzhi/model';
import { openSession } from '../connection/session.js';
import { literal, quoted } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import type { Followed } from './followed.js';
import { createDecoder } from './pgoutput.js';
import { positionText } from './position.js';
import { type LogStream, openStream, type StreamEvent } from './stream.js';

const AGAIN_MS = 50;

/**
 * Starts the slot's stream behind a position. A slot that is still in use, by a walsender that has not noticed yet that nobody
 * listens, is waited for as long as for a lock.
 */
export async function followSlot(
  reading: Reading,
  followed: Followed,
  from: { readonly position: bigint; readonly released: bigint },
  signal: AbortSignal,
): Promise<LogStream> {
  const deadline = performance.now() + reading.config.lockTimeoutMs;
  for (;;) {
    const stream = await start(reading, followed, from, signal);
    try {
      return withFirst(await stream.next(signal), stream);
    } catch (error) {
      await stream.close();
      if (!isQianzhiError(error, 'QZ_POSTGRES_LOCKED') || performance.now() > deadline) throw error;
    }
    await pause(AGAIN_MS);
  }
}

async function start(
  reading: Reading,
  { slot, publication, keyColumns }: Followed,
  { position, released }: { readonly position: bigint; readonly released: bigint },
  signal: AbortSignal,
): Promise<LogStream> {
  const { table } = reading;
  const session = await openSession(reading.about, 'log', signal);
  const options = `proto_version '1', publication_names ${literal(quoted(publication))}`;
  const sql = `START_REPLICATION SLOT ${quoted(slot)} LOGICAL ${positionText(position)} (${options})`;
  const names = keyColumns.map(({ name }) => name);
  const decode = createDecoder({ schema: table.schema, name: table.name, keyColumns: names });
  return openStream(session, sql, { received: position, released }, decode, signal);
}

function withFirst(first: readonly StreamEvent[], stream: LogStream): LogStream {
  let waiting: readonly StreamEvent[] | undefined = first;
  return {
    ...stream,
    async next(signal, follow) {
      const events = waiting ?? (await stream.next(signal, follow));
      waiting = undefined;
      return events;
    },
  };
}
