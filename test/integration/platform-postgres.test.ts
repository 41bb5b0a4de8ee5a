import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '@qianzhi/platform';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../services/postgres.js';
import { until } from './until.js';

let folder: string;
let server: PostgresServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-platform-pg-'));
});
afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

function start({ url }: PostgresServer) {
  const { hostname, port, username, password } = new URL(url);
  const database = {
    kind: 'postgres' as const,
    host: hostname,
    port: Number(port),
    database: 'postgres',
    user: username,
    password,
    schema: 'qianzhi',
  };
  return startPlatform({ dataDir: folder, port: 0, database }, { logTo: { write: () => undefined } });
}

it('a platform is not started on a server that may lose what it committed', async () => {
  server = await startPostgres({ settings: { fsync: 'off' } });
  await expect(start(server)).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DATABASE_UNSAFE',
    kind: 'config',
    details: { setting: 'fsync', found: 'off' },
  });
});

it('a platform outlives its database: 503 while it is away, and on by itself', async () => {
  server = await startPostgres();
  const platform = await start(server);
  const status = async () => {
    const headers = { authorization: `Bearer ${'x'.repeat(43)}` };
    return (await fetch(`${platform.url}/api/v1/accounts`, { headers })).status;
  };
  try {
    expect(await status()).toBe(401);
    await server.stop('immediate');
    await until('it says so', async () => (await status()) === 503);
    await server.start();
    await until('it goes on', async () => (await status()) === 401);
  } finally {
    await platform.stop();
  }
});
