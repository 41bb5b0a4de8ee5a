import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { columnNames, rowsOf } from '../fixtures/tables.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

/** The provider's table changes under a stream that runs; each case ends with a target that equals the source. */
let server: PostgresServer;
let client: pg.Client;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;

type Items = Parameters<typeof resourceOf>[1];
const items: Items = [
  { column: 'code' },
  { column: 'name' },
  { column: 'grade', type: 'I', length: undefined },
  { column: 'day', length: 30 },
];
const soon = () => AbortSignal.timeout(15_000);

/** Both strategies: one that compares the table, one that would never read again the rows nobody touched. */
const strategies = ['diff', 'watermark'] as const;

beforeAll(async () => {
  if (!hasPostgres()) return;
  server = await startPostgres();
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
  site = await createSite();
  const { hostname, port, username, password } = new URL(server.url);
  const civil = { type: 'postgres', host: hostname, port: Number(port), database: 'postgres' };
  const source = (strategy: string) => ({
    table: `firm_${strategy}`,
    ...(strategy === 'watermark' && { watermark: { column: 'at', overlapSeconds: 0 } }),
  });
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { civil: { ...civil, user: username, password } },
    exchanges: strategies.map((strategy) => ({
      name: `out-${strategy}`,
      supply: `firm_${strategy}`,
      connector: 'civil',
      strategy,
      rejectLimit: 0.5,
      source: source(strategy),
    })),
  });
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: site.at('sw.sqlite'), create: true } },
    exchanges: strategies.map((strategy) => ({
      name: `in-${strategy}`,
      consume: `firm_${strategy}`,
      connector: 'own',
      target: { table: `firm_${strategy}`, create: true },
    })),
  });
  await Promise.all([mz.start(), sw.start()]);
});
afterAll(async () => {
  await site?.close();
  await client?.end();
  await server?.[Symbol.asyncDispose]();
});

describe.skipIf(!hasPostgres()).each(strategies)('drift of a PostgreSQL table read by %s', (strategy) => {
  const table = `firm_${strategy}`;
  const change = (text: string) => client.query(text.replaceAll('firm', table));
  const target = (columns: readonly string[]) => rowsOf(site.at('sw.sqlite'), table, columns);
  const stream = () => mz.engine.streams.show(table);
  let columns = ['code', 'name', 'grade', 'day'];

  async function source(): Promise<unknown[]> {
    const list = columns.map((column) => `${column}::text`).join(', ');
    const text = `SELECT ${list} FROM ${table} ORDER BY code COLLATE "C"`;
    return (await client.query({ text, rowMode: 'array' })).rows;
  }

  async function flows(): Promise<void> {
    await mz.done(`out-${strategy}`);
    await sw.done(`in-${strategy}`);
    expect(target(columns)).toEqual(await source());
  }

  /** The run that meets it pauses the stream, says what differs, and the target stays as it is. */
  async function pauses(...differences: string[]): Promise<void> {
    const before = target(columns);
    const job = await mz.run(`out-${strategy}`);
    expect(job, JSON.stringify(job)).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_DRIFT' },
      restart: expect.stringContaining(`qianzhi stream`),
    });
    const { message, hint } = job.problem!.texts.en;
    for (const difference of differences) expect(message).toContain(difference);
    expect(hint).toContain(`\`qianzhi stream resume ${table}\``);
    expect(hint).toContain(`\`qianzhi stream accept-schema ${table}\``);
    expect(stream()).toMatchObject({ state: 'paused' });
    expect((await sw.done(`in-${strategy}`)).summary).toMatchObject({ delivered: 0 });
    expect(target(columns)).toEqual(before);
  }

  const accept = () => mz.engine.streams.acceptSchema(table, soon());

  beforeAll(async () => {
    await change(
      `CREATE TABLE firm (code varchar(20) PRIMARY KEY, name varchar(40), grade int, day date, at timestamptz DEFAULT now())`,
    );
    await change(
      `INSERT INTO firm SELECT 'c' || n, '名称' || n, n % 3, '2026-01-01'::date + n FROM generate_series(1, 50) n`,
    );
    await site.publish(resourceOf(table, items));
    await site.supply(table, 'mz-1');
    await site.subscribe('sw', table);
    await mz.sync();
    await flows();
  });

  beforeEach(async () => {
    await change(`UPDATE firm SET name = substr(md5(random()::text), 1, 4), at = now() WHERE code = 'c7'`);
  });

  it('a column added is left alone: nothing of it leaves, the stream goes on', async () => {
    await change(`ALTER TABLE firm ADD COLUMN phone text DEFAULT '138'`);
    await flows();
    expect(columnNames(site.at('sw.sqlite'), table)).not.toContain('phone');
  });

  it('a column renamed pauses, and goes on by the mended table', async () => {
    await change(`ALTER TABLE firm RENAME COLUMN name TO title`);
    await pauses('name');
    await change(`ALTER TABLE firm RENAME COLUMN title TO name`);
    mz.engine.streams.resume(table);
    await flows();
  });

  it('a column narrowed pauses; widened again it goes on, and accepted it goes on as it is', async () => {
    await change(`ALTER TABLE firm ALTER COLUMN name TYPE varchar(6) USING left(name, 6)`);
    await pauses('name: character varying(40) → character varying(6)');
    await change(`ALTER TABLE firm ALTER COLUMN name TYPE varchar(40)`);
    mz.engine.streams.resume(table);
    await flows();
    await change(`ALTER TABLE firm ALTER COLUMN name TYPE varchar(4) USING left(name, 4)`);
    await pauses('character varying(4)');
    await accept();
    await flows();
  });

  it('a column re-typed so that each value still fits, and reads otherwise, pauses; accepted, no row keeps the old reading', async () => {
    await change(`ALTER TABLE firm ALTER COLUMN day TYPE timestamp`);
    await pauses('day: date → timestamp without time zone');
    await accept();
    await flows();
    expect(target(['day'])).not.toContainEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d$/)]);
  });

  it('a column re-typed so that it cannot fit pauses, and goes on by the mended table', async () => {
    await change(`ALTER TABLE firm ALTER COLUMN grade TYPE date USING '2026-01-01'::date + grade`);
    await pauses('grade');
    await change(`ALTER TABLE firm ALTER COLUMN grade TYPE int USING grade - '2026-01-01'::date`);
    mz.engine.streams.resume(table);
    await flows();
  });

  it('a table re-keyed pauses: the catalog’s key is one no longer; accepted it goes on', async () => {
    await change(`ALTER TABLE firm ADD COLUMN id serial, DROP CONSTRAINT firm_pkey`);
    await change(`ALTER TABLE firm ADD PRIMARY KEY (id)`);
    await pauses('primary key (code) → (id)');
    await accept();
    await flows();
  });

  it('a column dropped pauses; the catalog follows and a new epoch leads on', async () => {
    await change(`ALTER TABLE firm DROP COLUMN grade`);
    await pauses('grade');
    await site.publish(
      resourceOf(
        table,
        items.filter(({ column }) => column !== 'grade'),
      ),
    );
    await mz.sync();
    columns = ['code', 'name', 'day'];
    await accept();
    expect(stream()).toMatchObject({ stream: { epoch: 2 }, state: 'running' });
    await flows();
  });

  it('evidence', () => expectEvidence(site));
});
