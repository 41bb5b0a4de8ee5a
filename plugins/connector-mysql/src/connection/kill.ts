import { createConnection } from 'mysql2';
import type { MysqlConfig } from '../config.js';
import { driverOptions } from './driver-options.js';

const PATIENCE_MS = 700;

/**
 * Asks the server to end a session, over a connection of its own, as there is no other way. Never throws and never waits
 * long: the socket of the session is destroyed afterwards whatever comes of it.
 */
export async function killServerThread(config: MysqlConfig, thread: number): Promise<void> {
  const killer = createConnection({ ...driverOptions(config), connectTimeout: PATIENCE_MS });
  // whatever goes wrong, the socket is destroyed in the end
  killer.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    killer.query(`KILL ${Math.trunc(thread)}`, () => {
      clearTimeout(timer);
      resolve();
    });
  });
  killer.destroy();
}
