import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectMariadb, type MariadbClient, mysqlConnectorOf } from '../fixtures/mariadb.js';
import { resourceOf } from '../fixtures/resource.js';
import { hasMariadb, type MariadbServer, startMariadb } from '../services/mariadb.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** From one MariaDB database through the platform into another one, by every strategy, over crashes of the server. */
let server: MariadbServer;
let client: MariadbClient;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;

const strategies = ['diff', 'watermark', 'change-table'] as const;
const ROWS = 30_000;
const limits = { batchRows: 2_000 };

const items: Parameters<typeof resourceOf>[1] = [
  { column: 'code' },
  { column: 'name', length: 60 },
  { column: 'amount', type: 'N', length: undefined, precision: 18, scale: 2 },
  { column: 'at', type: 'T', length: undefined },
];

beforeAll(async () => {
  if (!hasMariadb()) return;
  server = await startMariadb();
  client = connectMariadb(server.url);
  await client.rows('CREATE DATABASE civil CHARACTER SET utf8mb4');
  await client.rows('CREATE DATABASE tax CHARACTER SET utf8mb4');
  site = await createSite();
  const source = (strategy: string, table: string) => ({
    table,
    ...(strategy === 'watermark' && { watermark: { column: 'at', overlapSeconds: 0, zone: 'UTC' } }),
    ...(strategy === 'change-table' && {
      changeTable: { table: `${table}_log`, serial: 'n', op: 'op', purge: true },
    }),
  });
  const tables = strategies.map((strategy) => ({ strategy, table: `firm_${strategy.replace('-', '_')}` }));
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { civil: mysqlConnectorOf(server.url, 'civil') },
    exchanges: tables.map(({ strategy, table }) => ({
      name: `out-${strategy}`,
      supply: table,
      connector: 'civil',
      strategy,
      source: source(strategy, table),
    })),
  });
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { tax: mysqlConnectorOf(server.url, 'tax') },
    exchanges: tables.map(({ strategy, table }) => ({
      name: `in-${strategy}`,
      consume: table,
      connector: 'tax',
      target: { table, create: true },
    })),
  });
  await Promise.all([mz.start({ limits }), sw.start({ limits })]);
}, 60_000);
afterAll(async () => {
  await site?.close();
  client?.end();
  await server?.[Symbol.asyncDispose]();
});

describe.skipIf(!hasMariadb()).each(strategies)('MariaDB to MariaDB, read by %s', (strategy) => {
  const table = `firm_${strategy.replace('-', '_')}`;

  const held = (database: string) =>
    client.rows(
      `SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', code, name, amount, CAST(at AS DATETIME(6))))), MAX(at) FROM ${database}.${table}`,
    );

  async function flows(): Promise<void> {
    await mz.done(`out-${strategy}`);
    await sw.done(`in-${strategy}`);
    expect(await held('tax')).toEqual(await held('civil'));
  }

  beforeAll(async () => {
    await client.rows(
      `CREATE TABLE civil.${table} (code VARCHAR(20) PRIMARY KEY, name VARCHAR(60), amount DECIMAL(18,2), at DATETIME(6), KEY (at)) COLLATE utf8mb4_general_ci`,
    );
    await client.rows(
      `INSERT INTO civil.${table} SELECT CONCAT('c', seq), CONCAT('企业𠮷', seq), seq / 4, '2026-01-01 08:00:00.123456' + INTERVAL seq SECOND FROM civil.seq_1_to_${ROWS}`,
    );
    if (strategy === 'change-table') {
      await client.rows(
        `CREATE TABLE civil.${table}_log (n BIGINT AUTO_INCREMENT PRIMARY KEY, op CHAR(1), code VARCHAR(20)) COLLATE utf8mb4_general_ci`,
      );
      for (const [event, row] of [
        ['INSERT', 'NEW'],
        ['UPDATE', 'NEW'],
        ['DELETE', 'OLD'],
      ] as const) {
        await client.rows(
          `CREATE TRIGGER civil.${table}_${event} AFTER ${event} ON civil.${table} FOR EACH ROW INSERT INTO civil.${table}_log (op, code) VALUES ('${event[0]}', ${row}.code)`,
        );
      }
    }
    await site.publish(resourceOf(table, items));
    await site.supply(table, 'mz-1');
    await site.subscribe('sw', table);
    await mz.sync();
  });

  it('carries all rows, and goes on by itself when the server crashes in the middle of it', async () => {
    await mz.done(`out-${strategy}`);
    const before = await held('civil');
    await sw.sync();
    const { id } = sw.engine.jobs.run(`in-${strategy}`);
    await until('some parts are staged', async () => {
      const [row] = await client
        .rows(`SELECT COUNT(*) FROM tax.qianzhi_ledger WHERE resource = '${table}'`)
        .catch(() => [['0']]);
      return Number(row![0]) >= 2;
    });
    await server.stop('immediate');
    client.end();
    await server.start();
    const job = await until('the job is at rest', () => {
      const found = sw.engine.jobs.status(id);
      return ['done', 'failed', 'cancelled'].includes(found.state) && found;
    });
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' });
    expect(await held('tax')).toEqual(before);
    expect(before[0]![0]).toBe(String(ROWS));
  });

  it('carries changes alone', async () => {
    await client.rows(
      `UPDATE civil.${table} SET name = '改名', at = UTC_TIMESTAMP(6) WHERE code IN ('c1', 'c20', 'c300')`,
    );
    await client.rows(
      `INSERT INTO civil.${table} VALUES ('new', NULL, -0.01, UTC_TIMESTAMP(6)), ('C1x', '', 0, UTC_TIMESTAMP(6))`,
    );
    if (strategy !== 'watermark') await client.rows(`DELETE FROM civil.${table} WHERE code = 'c5'`);
    await flows();
    const deletes = strategy === 'watermark' ? 0 : 1;
    const [ledger] = await client.rows(
      `SELECT delivered, inserted, updated, deleted FROM tax.qianzhi_ledger WHERE resource = '${table}' ORDER BY seq DESC LIMIT 1`,
    );
    expect(ledger).toEqual([String(5 + deletes), '2', '3', String(deletes)]);
  });

  it('a column re-typed pauses the stream, and mended it goes on', async () => {
    await client.rows(`ALTER TABLE civil.${table} MODIFY name VARCHAR(59)`);
    const job = await mz.run(`out-${strategy}`);
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_DRIFT' } });
    expect(job.problem!.texts.en.message).toContain('name: varchar(60) → varchar(59)');
    await client.rows(`ALTER TABLE civil.${table} MODIFY name VARCHAR(60)`);
    mz.engine.streams.resume(table);
    await flows();
  });
});

describe.skipIf(!hasMariadb())('MariaDB to MariaDB', () => {
  it('evidence', () => expectEvidence(site));
});
