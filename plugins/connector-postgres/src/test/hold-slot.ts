import { checkShape } from '@qianzhi/model';
import { ConfigSchema } from '../config.js';
import { openSession } from '../connection/session.js';
import { literal } from '../identifier.js';
import { type LogStream, openStream } from '../log/stream.js';
import { signal } from './source-site.js';

/** Reads a slot and its publication of the same name, as another program would. */
export async function holdSlot(given: object, slot: string): Promise<LogStream> {
  const config = checkShape(ConfigSchema, given, 'config');
  const session = await openSession({ doing: 'hold a slot', config }, 'log', signal);
  const listener = { message() {}, position() {}, tick() {}, over() {} };
  const options = `proto_version '1', publication_names ${literal(slot)}`;
  const sql = `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (${options})`;
  const stream = openStream(session, sql, 0n, listener, signal);
  await stream.opened;
  return stream;
}
