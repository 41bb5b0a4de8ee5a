import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMariadb, type MariadbClient, mysqlConnectorOf } from '../fixtures/mariadb.js';
import { resourceOf } from '../fixtures/resource.js';
import { rowsOf } from '../fixtures/tables.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../services/mariadb.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

/** A MariaDB log followed through the platform into another database, over restarts of the agents and of the server. */
let server: MariadbServer;
let client: MariadbClient;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
const table = 'firm';

beforeAll(async () => {
  if (!hasMariadb()) return;
  server = await startMariadb({ settings: { 'log-bin': 'bin', 'binlog-format': 'ROW', 'server-id': '1' } });
  client = connectMariadb(server.url);
  await run(
    'CREATE DATABASE civil',
    'CREATE TABLE civil.firm (code VARCHAR(20) PRIMARY KEY, name VARCHAR(40)) COLLATE utf8mb4_bin',
    `INSERT INTO civil.firm SELECT CONCAT('c', seq), CONCAT('名称', seq) FROM civil.seq_1_to_3000`,
  );
  site = await createSite();
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { civil: mysqlConnectorOf(server.url, 'civil') },
    exchanges: [{ name: 'out', supply: table, connector: 'civil', strategy: 'log', source: { table } }],
  });
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: site.at('sw.sqlite'), create: true } },
    exchanges: [{ name: 'in', consume: table, connector: 'own', target: { table, create: true } }],
  });
  await site.publish(resourceOf(table, [{ column: 'code' }, { column: 'name' }]));
  await site.supply(table, 'mz-1');
  await site.subscribe('sw', table);
  await start();
}, 120_000);
afterAll(async () => {
  await site?.close();
  client?.end();
  await server?.[Symbol.asyncDispose]();
});

const start = () => Promise.all([mz.start({ limits: { batchRows: 400 } }), sw.start()]);

async function run(...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.rows(statement);
}

async function flows(): Promise<{ out: object; into: object }> {
  const out = await mz.done('out');
  const into = await sw.done('in');
  const rows = await client.rows('SELECT code, name FROM civil.firm ORDER BY code');
  expect(rowsOf(site.at('sw.sqlite'), table, ['code', 'name'])).toEqual(rows);
  return { out: out.summary!, into: into.summary! };
}

describe.skipIf(!hasMariadb())('strategy log from MariaDB to a target', () => {
  it('all rows first, then what changed, deletes and changed keys included', async () => {
    await flows();
    await run(
      `UPDATE civil.firm SET name = '改' WHERE code LIKE 'c1%'`,
      `DELETE FROM civil.firm WHERE code LIKE 'c29%'`,
      `UPDATE civil.firm SET code = 'neu' WHERE code = 'c3'`,
      `INSERT INTO civil.firm VALUES ('dazu', NULL)`,
    );
    const { into } = await flows();
    expect(into).toMatchObject({ updated: 1111, inserted: 2, deleted: 112 });
    expect((await flows()).out).toMatchObject({ read: 0 });
  });

  it('goes on after both agents were started anew, and the server, in another file of its log', async () => {
    await Promise.all([mz.stop(), sw.stop()]);
    await run(`UPDATE civil.firm SET name = 'unterdessen' WHERE code LIKE 'c2%'`);
    await server.stop('fast');
    client.end();
    await server.start();
    await run(`DELETE FROM civil.firm WHERE code = 'c4'`);
    await start();
    const { into } = await flows();
    expect(into).toMatchObject({ updated: 1000, inserted: 0, deleted: 1 });
  });

  it('goes on after the server crashed', async () => {
    await run(`UPDATE civil.firm SET name = 'vorher' WHERE code LIKE 'c5%'`);
    await server.stop('immediate');
    client.end();
    await server.start();
    await run(`UPDATE civil.firm SET name = 'nachher' WHERE code LIKE 'c6%'`);
    expect((await flows()).into).toMatchObject({ updated: 222, inserted: 0, deleted: 0 });
  });

  it('an emptied table and a log that is gone lead to full copies', async () => {
    await run('TRUNCATE civil.firm', `INSERT INTO civil.firm VALUES ('eins', '1'), ('zwei', '2')`);
    await flows();
    await run(
      'RESET MASTER',
      `DELETE FROM civil.firm WHERE code = 'eins'`,
      `INSERT INTO civil.firm VALUES ('drei', '3')`,
    );
    await flows();
    await run(`UPDATE civil.firm SET name = '4'`);
    expect((await flows()).into).toMatchObject({ updated: 2, deleted: 0 });
  });

  it('drift pauses the stream', async () => {
    await run('ALTER TABLE civil.firm MODIFY name VARCHAR(30)');
    expect(await mz.run('out')).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_DRIFT' } });
    await run('ALTER TABLE civil.firm MODIFY name VARCHAR(40)', `UPDATE civil.firm SET name = '5'`);
    mz.engine.streams.resume(table);
    await flows();
  });

  it('a commit that waits for a semi-synchronous replica is in the log, and read only when it is seen', async () => {
    const waiting = async (words: string) =>
      (await client.rows(`SELECT 1 FROM information_schema.processlist WHERE ${words}`)).length;
    await run(
      `SET GLOBAL rpl_semi_sync_master_wait_point = 'AFTER_SYNC'`,
      'SET GLOBAL rpl_semi_sync_master_timeout = 600000',
      'SET GLOBAL rpl_semi_sync_master_enabled = ON',
    );
    const writer = connectMariadb(server.url);
    const held = writer.rows(`UPDATE civil.firm SET name = '6' WHERE code = 'drei'`);
    await expect.poll(() => waiting(`state LIKE 'Waiting for semi-sync ACK%'`), { timeout: 10_000 }).toBe(1);
    const read = mz.run('out');
    const looks = async () => {
      const [found] = await client.rows(`SHOW GLOBAL STATUS LIKE 'Com_show_status'`);
      return Number(found![1]);
    };
    const before = await looks();
    await expect.poll(async () => (await looks()) - before, { timeout: 10_000 }).toBeGreaterThan(20);
    await run('SET GLOBAL rpl_semi_sync_master_enabled = OFF');
    await held;
    expect(await read).toMatchObject({ state: 'done', summary: { read: 1 } });
    await flows();
    writer.end();
  });

  it('evidence', () => expectEvidence(site));
});
