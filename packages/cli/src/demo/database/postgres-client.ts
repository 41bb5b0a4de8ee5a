import type { ConnectionOptions } from 'node:tls';
import { isQianzhiError } from '@qianzhi/model';
import pg from 'pg';
import { demoErrors } from '../errors.js';
import { type PostgresAddress, serverName } from './postgres-address.js';

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 120_000;

/** Runs work on a session of its own, every value as text, every wait bounded. Errors: QZ_DEMO_DATABASE_*. */
export async function withClient<T>(
  address: PostgresAddress,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(address);
  try {
    return await work(client);
  } catch (error) {
    throw databaseError(address, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function openClient(address: PostgresAddress): Promise<pg.Client> {
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    // a function keeps the driver from looking into the environment and ~/.pgpass
    password: () => address.password ?? '',
    ssl: tlsOptions(address),
    application_name: 'qianzhi-demo',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 5_000,
    types: { getTypeParser: () => (text: string) => text },
  });
  client.on('error', () => undefined); // a lost connection fails what runs on it next
  try {
    await client.connect();
    await client.query(`SET DateStyle = 'ISO, YMD'; SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw databaseError(address, error);
  }
}

function tlsOptions({ host, ssl }: PostgresAddress): false | ConnectionOptions {
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const mode = ssl?.mode ?? (local ? 'disable' : 'require');
  if (mode === 'disable') return false;
  if (mode === 'require') return { rejectUnauthorized: false };
  return { ca: ssl?.ca, ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }) };
}

/** What a driver's error means to who started the demo. Of a server's message only the code is kept: it may quote a value. */
export function databaseError(address: PostgresAddress, error: unknown): Error {
  if (isQianzhiError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : '';
  const facts = { server: serverName(address), user: address.user };
  if (/^(28|3D000)/.test(code)) return demoErrors.DATABASE_LOGIN({ ...facts, reason: code });
  if (/SASL/.test(message)) return demoErrors.DATABASE_LOGIN({ ...facts, reason: 'password' });
  if (code === '42501') return demoErrors.DATABASE_RIGHTS({ ...facts, reason: code });
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57)/.test(code)) {
    return demoErrors.DATABASE_FAILED({ ...facts, reason: code });
  }
  const reason = /does not support SSL/.test(message) ? 'TLS' : code || 'closed';
  return demoErrors.DATABASE_UNREACHABLE({ ...facts, reason });
}
