import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** 民政's firms by their change table; 税务 is granted some of the rows into SQLite, 人社 others into PostgreSQL, masked. */
let server: PostgresServer | undefined;
let target: pg.Client;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let rs: SiteAgent;

const legacy = () => site.at('legacy.sqlite');
const swFile = () => site.at('sw.sqlite');
const columns = ['code', 'region', 'founded', 'capital'];
const ROWS = 400;
const scopes = {
  sw: "region = '441302' and capital >= 9007199254740993",
  rs: "not (region in ('441302', '441303') or founded < 2020-01-01)",
};
/** The same in the source's own SQL. */
const sources = {
  sw: `region = '441302' AND length(capital) >= 16 AND capital >= '9007199254740993'`,
  rs: `region NOT IN ('441302', '441303') AND founded >= '2020-01-01'`,
};
const wanted = (where: string) => rowsOf(legacy(), `(SELECT * FROM firm WHERE ${where})`, columns);

let dice = 11;
const roll = (sides: number) => {
  dice = (dice * 48_271) % 2_147_483_647;
  return dice % sides;
};
const some = {
  region: () => ['441302', '441303', '441322', null][roll(4)]!,
  founded: () => ['2019-12-31', '2020-01-01', '2024-02-29', null][roll(4)]!,
  capital: () => ['9007199254740992.00', '9007199254740993.00', '12.50', null][roll(4)]!,
};
const code = (n: number) => `f${String(n).padStart(4, '0')}`;
const firm = (n: number) => [code(n), some.region(), some.founded(), some.capital()];

/** Changes that move rows in and out of both scopes. */
function storm(changes: number): void {
  const text = (value: string | null) => (value === null ? 'NULL' : `'${value}'`);
  const statements: string[] = [];
  for (let n = 0; n < changes; n++) {
    const where = `code = '${code(roll(ROWS))}'`;
    const act = roll(6);
    if (act === 0) statements.push(`DELETE FROM firm WHERE ${where}`);
    else if (act === 1) {
      const [key, ...values] = firm(roll(ROWS));
      statements.push(
        `INSERT OR IGNORE INTO firm VALUES ('${key}', ${values.map((value) => text(value!)).join(', ')})`,
      );
    } else {
      const [name, value] = Object.entries(some)[roll(3)]!;
      statements.push(`UPDATE firm SET ${name} = ${text(value())} WHERE ${where}`);
    }
  }
  sql(legacy(), ...statements);
}

beforeAll(async () => {
  site = await createSite();
  if (hasPostgres()) {
    server = await startPostgres();
    target = new pg.Client({ connectionString: server.url });
    await target.connect();
  }
  const log = (op: string, event: string, row: string) =>
    `CREATE TRIGGER log_${op} AFTER ${event} ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('${op}', ${row}.code); END`;
  sql(
    legacy(),
    'CREATE TABLE firm (code TEXT PRIMARY KEY, region TEXT, founded TEXT, capital TEXT)',
    'CREATE TABLE firm_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
    ...[log('I', 'INSERT', 'NEW'), log('U', 'UPDATE', 'NEW'), log('D', 'DELETE', 'OLD')],
  );
  insertRows(
    legacy(),
    'firm',
    Array.from({ length: ROWS }, (_, n) => firm(n)),
  );
  await site.publish(
    resourceOf(
      'firm',
      [
        { column: 'code' },
        { column: 'region', length: 6, name: '行政区划' },
        { column: 'founded', type: 'D', length: undefined, name: '成立日期' },
        { column: 'capital', type: 'N', length: undefined, precision: 20, scale: 2 },
      ],
      {
        queries: [
          {
            name: 'by-code',
            summary: '',
            parameters: [{ name: 'code', item: 'code', required: true }],
            items: ['code', 'founded'],
            maxRows: 10,
          },
        ],
      },
    ),
  );
  const changeTable = { table: 'firm_log', serial: 'n', op: 'op' };
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy() } },
    exchanges: [
      {
        name: 'out',
        supply: 'firm',
        connector: 'legacy',
        strategy: 'change-table',
        source: { table: 'firm', changeTable },
      },
    ],
  });
  await site.supply('firm', 'mz-1');
  const consume = { name: 'in', consume: 'firm', connector: 'own', target: { table: 'firm', create: true } };
  const { hostname, port, username, password } = new URL(server?.url ?? 'postgres://localhost');
  const own = server
    ? {
        type: 'postgres',
        host: hostname,
        port: Number(port),
        database: 'postgres',
        user: username,
        password,
      }
    : { type: 'sqlite', path: site.at('rs.sqlite'), create: true };
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: swFile(), create: true } },
    exchanges: [consume],
  });
  rs = await site.enrol('rs-1', 'rs', {
    connectors: { own },
    exchanges: [consume],
  });
  await site.subscribe('sw', 'firm', { rows: scopes.sw });
  await site.subscribe('rs', 'firm', { rows: scopes.rs });
  await Promise.all([mz.start(), sw.start(), rs.start()]);
});
afterAll(async () => {
  await target?.end();
  await site?.close();
  await server?.[Symbol.asyncDispose]();
});

async function atRs(): Promise<(string | null)[][]> {
  if (!server) return rowsOf(site.at('rs.sqlite'), 'firm', columns);
  const text = columns.map((column) => `${column}::text`).join(', ');
  const { rows } = await target.query({ text: `SELECT ${text} FROM firm`, rowMode: 'array' });
  return rows.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
const atSw = () => rowsOf(swFile(), 'firm', columns);
const carry = async () => {
  await mz.done('out');
  await Promise.all([sw.done('in'), rs.done('in')]);
};
const byCode = (rows: (string | null)[][]) => [...rows].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
async function expectInScope(): Promise<void> {
  expect(byCode(atSw())).toEqual(byCode(wanted(sources.sw)));
  expect(await atRs()).toEqual(byCode(wanted(sources.rs)));
}

describe('two departments, each with rows of its own', () => {
  it('have those and no others, of a first copy and through a storm of changes', async () => {
    await carry();
    await expectInScope();
    expect(atSw().length).toBeGreaterThan(5);
    for (let round = 0; round < 6; round++) {
      storm(150);
      await carry();
      await expectInScope();
    }
  });

  it('a batch that has nothing in scope is delivered empty, and the next one follows', async () => {
    sql(legacy(), `INSERT INTO firm VALUES ('nowhere', '441303', '2001-01-01', '1.00')`);
    await carry();
    sql(legacy(), `UPDATE firm SET region = '441322', founded = '2021-01-01' WHERE code = 'nowhere'`);
    await carry();
    await expectInScope();
    expect((await atRs()).some(([key]) => key === 'nowhere')).toBe(true);
  });

  it('a reconciliation looks at the scope on both sides, and repairs what differs within it', async () => {
    async function reconciled(repair: boolean) {
      const [begun] = await sw.reconciler.begin({ resource: 'firm', repair }, AbortSignal.timeout(15_000));
      const of = (agent: SiteAgent) =>
        agent.reconciler.running().find(({ session }) => session === begun!.session);
      await until('its end', () => ![undefined, 'running'].includes(of(sw)?.state), 60_000);
      expect(of(sw)?.problem).toBeUndefined();
      await until('its end at the provider', () => ![undefined, 'running'].includes(of(mz)?.state));
      return sw.reconciler.results('firm').find(({ session }) => session === begun!.session)?.report;
    }
    const none = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };
    expect(await reconciled(false)).toMatchObject({ found: none });
    const [first, second] = atSw().map(([key]) => key);
    sql(
      swFile(),
      `DELETE FROM firm WHERE code = '${first}'`,
      `UPDATE firm SET founded = '1999-09-09' WHERE code = '${second}'`,
    );
    const found = { ...none, missing: 1, changed: 1 };
    expect(await reconciled(true)).toMatchObject({ found, repaired: { sent: 2 }, remaining: none });
    await rs.done('in');
    await expectInScope();
  });

  it('a platform that is restarted in between goes on from what is held', async () => {
    storm(100);
    await mz.done('out');
    await site.stopPlatform();
    await site.startPlatform();
    storm(100);
    await carry();
    await expectInScope();
  });

  it('another scope is a new grant version: what left goes, what came arrives', async () => {
    const granted = await site.subscribe('sw', 'firm', { rows: scopes.rs });
    expect(granted.grant?.body).toMatchObject({ grantVersion: 2, rows: granted.rows });
    await sw.sync();
    storm(50);
    await carry();
    expect(byCode(atSw())).toEqual(byCode(wanted(sources.rs)));
    await site.subscribe('sw', 'firm', { rows: scopes.sw });
    await sw.sync();
    await carry();
    await expectInScope();
  });

  it('numbers in the documents balance', () => expectEvidence(site));
});
