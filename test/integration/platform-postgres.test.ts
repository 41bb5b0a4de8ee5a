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
  const monitor = { host: '127.0.0.1', port: 0 };
  return startPlatform(
    { dataDir: folder, port: 0, database, monitor },
    { logTo: { write: () => undefined } },
  );
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
  const notReady = async () => {
    const answer = await fetch(`${platform.monitorUrl}/readyz`);
    const { parts } = (await answer.json()) as { parts: { part: string; ready: boolean; code?: string }[] };
    return [answer.status, ...parts.filter(({ ready }) => !ready).map(({ part, code }) => `${part} ${code}`)];
  };
  try {
    expect(await status()).toBe(401);
    expect(await notReady()).toEqual([200]);
    await server.stop('immediate');
    await until('it says so', async () => (await status()) === 503);
    expect(await notReady()).toEqual([503, 'database QZ_PLATFORM_DATABASE_UNAVAILABLE']);
    // what monitors it is answered while the database is away, too
    expect((await fetch(`${platform.monitorUrl}/livez`)).status).toBe(200);
    const metrics = await (await fetch(`${platform.monitorUrl}/metrics`)).text();
    expect(metrics).toContain('qianzhi_platform_database_up 0');
    expect(metrics).toMatch(/http_requests_total\{route="GET .*accounts",status="503"\} \d/);
    await server.start();
    await until('it goes on', async () => (await status()) === 401);
    expect(await notReady()).toEqual([200]);
  } finally {
    await platform.stop();
  }
});
