import { connect } from 'node:net';
import type { PostgresConfig } from '../config.js';

const CANCEL_CODE = 80_877_102;
const PATIENCE_MS = 500;

/**
 * Asks the server to end what backend `processId` is doing, over a connection of its own, as the protocol has it. Never
 * throws and never waits long: the socket of the session is destroyed afterwards whatever comes of it.
 */
export async function requestCancel(
  { host, port }: PostgresConfig,
  processId: number,
  secretKey: number,
): Promise<void> {
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL_CODE, 4);
  message.writeInt32BE(processId, 8);
  message.writeInt32BE(secretKey, 12);
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  await new Promise<void>((resolve) => {
    socket.setTimeout(PATIENCE_MS, resolve);
    socket.once('connect', () => socket.end(message));
    // the server closes the connection once the signal is sent
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
    socket.resume();
  });
  socket.destroy();
}
