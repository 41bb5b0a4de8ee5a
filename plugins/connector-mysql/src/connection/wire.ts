import type { Connection } from 'mysql2';

/** A packet as the driver's parser hands it over: good only while it is looked at. */
export interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
  isError(): boolean;
  asError(encoding: string): Error;
}

/** What the driver keeps but does not declare, as far as it is used here. */
export interface DriverConnection {
  sequenceId: number;
  readonly clientEncoding: string;
  readonly stream: NodeJS.ReadWriteStream & { cork(): void; uncork(): void };
  readonly config: { readonly clientFlags: number };
  readonly serverCapabilityFlags: number;
  _resetSequenceId(): void;
  _bumpSequenceId(packets: number): void;
  addCommand(command: object): void;
}

/** Answers true when nothing more comes. */
export type Take = (packet: Packet, connection: DriverConnection) => boolean;

const COM_QUERY = 3;
const QUERY_ATTRIBUTES = 1 << 27;

/**
 * Sends a statement as a command of our own and hands its packets to `take`, so that the driver makes nothing of them.
 * Settles with the last one; errors are the driver's own.
 */
export function runCommand(client: Connection, sql: string, take: Take): Promise<void> {
  return sendCommand(client, (connection) => queryPacket(sql, connection), take);
}

/** The same for any command; `payload` begins with its number. */
export function sendCommand(
  client: Connection,
  payload: (connection: DriverConnection) => Buffer,
  take: Take,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = false;
    const command = {
      /** The driver calls it where the line is lost. */
      onResult: (error: unknown) => reject(error),
      execute(packet: Packet | undefined, connection: DriverConnection): boolean {
        if (!sent || !packet) {
          sent = true;
          connection._resetSequenceId();
          connection.stream.write(framed(payload(connection)));
          connection._bumpSequenceId(1);
          return false;
        }
        if (packet.isError()) {
          reject(packet.asError(connection.clientEncoding));
          return true;
        }
        const done = take(packet, connection);
        if (done) resolve();
        return done;
      },
    };
    (client as unknown as DriverConnection).addCommand(command);
  });
}

function queryPacket(sql: string, { config, serverCapabilityFlags }: DriverConnection): Buffer {
  const text = Buffer.from(sql);
  // no attributes, one set of them
  const attributes = (config.clientFlags & serverCapabilityFlags & QUERY_ATTRIBUTES) !== 0 ? [0, 1] : [];
  return Buffer.concat([Buffer.from([COM_QUERY, ...attributes]), text]);
}

function framed(payload: Buffer): Buffer {
  if (payload.length >= 0xffffff) throw new RangeError('the statement is longer than a packet');
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  return Buffer.concat([header, payload]);
}

/** Where the length-coded number at `at` ends; its value is in `value`. NULL has the length -1. */
export interface Coded {
  value: number;
  end: number;
}

export function readCoded(bytes: Buffer, at: number, into: Coded): void {
  const first = bytes[at]!;
  if (first < 0xfb) {
    into.value = first;
    into.end = at + 1;
  } else if (first === 0xfb) {
    into.value = -1;
    into.end = at + 1;
  } else if (first === 0xfc) {
    into.value = bytes[at + 1]! | (bytes[at + 2]! << 8);
    into.end = at + 3;
  } else if (first === 0xfd) {
    into.value = bytes.readUIntLE(at + 1, 3);
    into.end = at + 4;
  } else {
    into.value = Number(bytes.readBigUInt64LE(at + 1));
    into.end = at + 9;
  }
}
