import type { Session } from './session.js';
import { type Coded, type DriverConnection, readCoded, runCommand } from './wire.js';

/** What a LOAD DATA did. */
export interface Loaded {
  readonly rows: number;
  /** Warnings and notes: each is a value that is not as it was sent. */
  readonly warnings: number;
}

const LOCAL_INFILE = 0xfb;

/**
 * Runs a `LOAD DATA LOCAL INFILE` and sends it `chunks`, framed here and written to the socket without a copy, one at a
 * time as the system takes them. No file is ever opened, whatever name the server asks for. Call it inside
 * `session.during`: errors are the driver's own. An error of `chunks` ends the session: rows that were sent would count.
 */
export async function loadData(session: Session, sql: string, chunks: Iterable<Uint8Array>): Promise<Loaded> {
  let loaded: Loaded = { rows: 0, warnings: 0 };
  let asked = false;
  let broken: { readonly error: unknown } | undefined;

  async function send(connection: DriverConnection): Promise<void> {
    try {
      for (const chunk of chunks) if (chunk.length > 0) await written(connection, chunk);
      await written(connection, new Uint8Array(0));
    } catch (error) {
      broken = { error };
      session.abandon();
    }
  }

  const coded: Coded = { value: 0, end: 0 };
  const done = runCommand(session.client, sql, (packet, connection) => {
    if (packet.buffer[packet.offset] === LOCAL_INFILE && !asked) {
      asked = true;
      void send(connection);
      return false;
    }
    readCoded(packet.buffer, packet.offset + 1, coded);
    const rows = coded.value;
    readCoded(packet.buffer, coded.end, coded);
    loaded = { rows, warnings: packet.buffer.readUInt16LE(coded.end + 2) };
    return true;
  });
  try {
    await done;
  } catch (error) {
    throw broken ? broken.error : error;
  }
  return loaded;
}

/** Resolves when the system has taken the chunk, or the socket is gone: that the driver tells. */
function written(connection: DriverConnection, chunk: Uint8Array): Promise<void> {
  const header = Buffer.allocUnsafe(4);
  header.writeUIntLE(chunk.length, 0, 3);
  header[3] = connection.sequenceId;
  connection._bumpSequenceId(1);
  return new Promise((resolve) => {
    connection.stream.cork();
    connection.stream.write(header, chunk.length === 0 ? () => resolve() : undefined);
    if (chunk.length > 0) connection.stream.write(chunk, () => resolve());
    connection.stream.uncork();
  });
}
