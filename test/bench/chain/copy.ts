import { once } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';

/** The part of pg's own connection that COPY needs. */
interface Wire {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** Loads a `COPY … FROM STDIN`. */
export function copyIn(
  client: pg.Client,
  statement: string,
  blocks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  return copy(client, statement, async (wire) => {
    for await (const block of blocks) {
      wire.sendCopyFromChunk(block);
      if (wire.stream.writableNeedDrain) await once(wire.stream, 'drain');
    }
  });
}

/** Pipes a `COPY … TO STDOUT` into a `COPY … FROM STDIN`, never holding more than the sockets do. */
export function pipeCopy(from: pg.Client, select: string, to: pg.Client, load: string): Promise<void> {
  return copy(to, load, (target) =>
    copy(from, select, undefined, (block, source) => {
      target.sendCopyFromChunk(block);
      if (!target.stream.writableNeedDrain || source.stream.isPaused()) return;
      source.stream.pause();
      target.stream.once('drain', () => source.stream.resume());
    }),
  );
}

function copy(
  client: pg.Client,
  statement: string,
  feed?: (wire: Wire) => Promise<void>,
  take?: (block: Buffer, wire: Wire) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed: Error | undefined;
    client.query({
      submit: (wire: unknown) => (wire as Wire).query(statement),
      handleCopyInResponse(wire: Wire) {
        feed!(wire).then(
          () => wire.endCopyFrom(),
          (error: Error) => {
            failed = error;
            wire.sendCopyFail(error.message);
          },
        );
      },
      handleCopyData: ({ chunk }: { chunk: Buffer }, wire: Wire) => take?.(chunk, wire),
      handleCommandComplete() {},
      handleError(error: Error) {
        failed ??= error;
        // with its query failed, the connection answers nothing more to this one
        reject(failed);
      },
      handleReadyForQuery: () => (failed ? reject(failed) : resolve()),
    } as unknown as pg.Submittable);
  });
}
