import type { Writable } from 'node:stream';
import type pg from 'pg';
import type { Session } from '../connection/session.js';

/** What the driver hands to a query of our own making, as far as it is used here. */
interface DriverConnection {
  readonly stream: Writable;
  query(sql: string): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

const COPY_DATA = 0x64;

/**
 * Runs statements of which the last is a `COPY … FROM STDIN` and sends it `chunks`, framed here and written to the socket
 * without a copy, one at a time as the system takes them. Answers the rows that were copied. Call it inside
 * `session.during`: errors are the driver's own. An error in the middle ends the sending; what is under way is
 * dropped by the server.
 */
export function copyIn(session: Session, sql: string, chunks: Iterable<Uint8Array>): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    let failure: unknown;
    let failed = false;

    function fail(error: unknown): void {
      if (!failed) failure = error;
      failed = true;
    }

    async function send(connection: DriverConnection): Promise<void> {
      for (const chunk of chunks) {
        await written(connection.stream, chunk);
        if (failed) return;
      }
      connection.endCopyFrom();
    }

    const query = {
      submit(connection: DriverConnection) {
        connection.query(sql);
      },
      handleCopyInResponse(connection: DriverConnection) {
        send(connection).catch((error: unknown) => {
          fail(error);
          connection.sendCopyFail('the rows could not be read');
        });
      },
      handleCommandComplete({ text }: { text: string }) {
        const copied = /^COPY (\d+)$/.exec(text);
        if (copied) rows = Number(copied[1]);
      },
      handleError(error: unknown) {
        fail(error);
        reject(failure);
      },
      handleReadyForQuery() {
        if (failed) reject(failure);
        else resolve(rows);
      },
      handleEmptyQuery() {},
      handleRowDescription() {},
      handleDataRow() {},
      handlePortalSuspended() {},
      handleCopyData() {},
    };
    session.client.query(query as unknown as pg.Submittable);
  });
}

/** Resolves when the system has taken the chunk, or the socket is gone: that the driver tells by `handleError`. */
function written(stream: Writable, chunk: Uint8Array): Promise<void> {
  const header = Buffer.allocUnsafe(5);
  header[0] = COPY_DATA;
  header.writeInt32BE(chunk.length + 4, 1);
  return new Promise((resolve) => {
    stream.cork();
    stream.write(header);
    stream.write(chunk, () => resolve());
    stream.uncork();
  });
}
