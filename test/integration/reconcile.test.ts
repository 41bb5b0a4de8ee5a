import { join } from 'node:path';
import { personRoutes, type ReconcileReport } from '@qianzhi/model';
import { verifyDocument } from '@qianzhi/model/crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReconcileOrder } from '../../packages/agent/src/reconcile/reconciler.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, query, rowsOf, sql } from '../fixtures/tables.js';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** 民政 supplies a SQLite table by its change table; 税务 keeps it in PostgreSQL in its own form, 人社 a masked part in SQLite. */
let server: PostgresServer;
let target: pg.Client;
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let rs: SiteAgent;
/** 人社's agreement. */
let ofResources: string;

const items = [
  { column: 'code' },
  { column: 'name', type: 'M' as const, length: undefined },
  { column: 'amount', type: 'N' as const, length: undefined, precision: 10, scale: 2 },
  { column: 'kind', length: 1 },
  { column: 'at', type: 'T' as const, length: undefined },
  { column: 'flat', length: 4, fixedLength: true },
  { column: 'living', type: 'L' as const, length: undefined },
  { column: 'seal', type: 'G' as const, length: 100 },
];
const none = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };
const legacy = () => site.at('legacy.sqlite');
const rsFile = () => site.at('rs.sqlite');
const row = (n: number) => [
  `c${String(n).padStart(4, '0')}`,
  n % 7 === 0 ? '' : n % 5 === 0 ? null : `名\t${n}`,
  `${n}.${n % 10}0`,
  '123'[n % 3]!,
  `2026-01-01 08:00:00.${n}`,
  'ab',
  n % 2,
  Buffer.from([n % 256, 0, 255]),
];

beforeAll(async () => {
  if (!hasPostgres()) return;
  server = await startPostgres();
  target = new pg.Client({ connectionString: server.url });
  await target.connect();
  await target.query(
    `CREATE TABLE kreis (schluessel text PRIMARY KEY, name text, amount numeric, art int, at timestamp, flat char(4), living boolean, seal bytea, herkunft text)`,
  );
  site = await createSite();
  const shape =
    'code TEXT PRIMARY KEY, name TEXT, amount TEXT, kind TEXT, at TEXT, flat TEXT, living INTEGER, seal BLOB';
  sql(
    legacy(),
    `CREATE TABLE area (${shape})`,
    'CREATE TABLE area_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
    `CREATE TRIGGER area_i AFTER INSERT ON area BEGIN INSERT INTO area_log (op, code) VALUES ('I', new.code); END`,
    `CREATE TRIGGER area_u AFTER UPDATE ON area BEGIN INSERT INTO area_log (op, code) VALUES ('U', new.code); END`,
    `CREATE TRIGGER area_d AFTER DELETE ON area BEGIN INSERT INTO area_log (op, code) VALUES ('D', old.code); END`,
  );
  insertRows(
    legacy(),
    'area',
    Array.from({ length: 1000 }, (_, n) => row(n)),
  );
  await site.publish(resourceOf('area', items));
  const changeTable = { table: 'area_log', serial: 'n', op: 'op' };
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy() } },
    exchanges: [
      {
        name: 'out',
        supply: 'area',
        connector: 'legacy',
        strategy: 'change-table',
        rejectLimit: 0.5,
        source: { table: 'area', changeTable },
      },
    ],
  });
  await site.supply('area', 'mz-1');
  const { hostname, port, username, password } = new URL(server.url);
  const tax = { type: 'postgres', host: hostname, port: Number(port), database: 'postgres' };
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { tax: { ...tax, user: username, password } },
    exchanges: [
      {
        name: 'in',
        consume: 'area',
        connector: 'tax',
        target: {
          table: 'kreis',
          columns: { code: 'schluessel', kind: 'art' },
          codes: { kind: { '1': '10', '2': '20', '3': '20' } },
          constants: { herkunft: 'mz' },
        },
      },
    ],
  });
  rs = await site.enrol('rs-1', 'rs', {
    connectors: { own: { type: 'sqlite', path: rsFile(), create: true } },
    exchanges: [{ name: 'in', consume: 'area', connector: 'own', target: { table: 'area', create: true } }],
  });
  await site.subscribe('sw', 'area');
  const granted = await site.subscribe('rs', 'area', {
    items: ['code', 'name', 'amount', 'at', 'flat'],
    masks: { name: 'name', flat: 'pseudonym' },
  });
  ofResources = granted.id;
  await Promise.all([mz.start(), sw.start(), rs.start()]);
  await mz.done('out');
  await Promise.all([sw.done('in'), rs.done('in')]);
});
afterAll(async () => {
  await site?.close();
  await target?.end();
  await server?.[Symbol.asyncDispose]();
});

const soon = () => AbortSignal.timeout(20_000);

/** Begins at the agent, and answers what each session came to there once it and the other side have ended it. */
async function reconcile(at: SiteAgent, order: Partial<ReconcileOrder> = {}) {
  const begun = await at.reconciler.begin({ resource: 'area', repair: false, ...order }, soon());
  const ids = begun.map(({ session }) => session);
  for (const agent of [mz, sw, rs]) {
    await until(`${agent.name} at rest`, () =>
      agent.reconciler.running().every(({ session, state }) => !ids.includes(session) || state !== 'running'),
    );
  }
  const failed = at.reconciler
    .running()
    .filter(({ session, state }) => ids.includes(session) && state === 'failed');
  if (failed.length > 0) throw new Error(JSON.stringify(failed));
  return at.reconciler.results('area').filter(({ session }) => ids.includes(session));
}
const ofTax = async (order: Partial<ReconcileOrder> = {}) => (await reconcile(sw, order))[0]!;
const codes = (keys: readonly { kind: string; key: string }[]) =>
  keys.map(({ kind, key }) => `${kind} ${key}`).sort();

describe.skipIf(!hasPostgres())('qianzhi reconcile over two databases', () => {
  it('finds equal what was delivered: other columns, translated codes, masks, a second database', async () => {
    const results = await reconcile(mz);
    expect(results.map(({ report }) => report!.rows)).toEqual(
      Array(2).fill({ provider: 1000, consumer: 1000 }),
    );
    for (const { report, keys } of results) {
      expect(report).toMatchObject({ found: none, remaining: none, complete: true });
      expect(report!.digests.provider).toBe(report!.digests.consumer);
      expect(keys).toEqual([]);
    }
    // the pseudonym's key is neither side's
    expect(results.map(({ report }) => report!.excluded).sort()).toEqual([[], ['flat']]);
  });

  it('finds each planted difference, and passes over what only looks like one', async () => {
    const plant = [
      `DELETE FROM kreis WHERE schluessel = 'c0001'`,
      `INSERT INTO kreis SELECT 'x0001', name, amount, art, at, flat, living, seal, herkunft FROM kreis WHERE schluessel = 'c0002'`,
      `UPDATE kreis SET amount = amount + 0.01 WHERE schluessel = 'c0003'`,
      `UPDATE kreis SET name = name || ' ' WHERE schluessel = 'c0004'`,
      `UPDATE kreis SET name = NULL WHERE schluessel = 'c0007'`,
      `UPDATE kreis SET art = 30 WHERE schluessel = 'c0008'`,
      `UPDATE kreis a SET name = b.name FROM kreis b WHERE (a.schluessel, b.schluessel) IN (('c0011', 'c0012'), ('c0012', 'c0011'))`,
      // a zero at the end of a number, a blank at the end of a fixed-length text, and rows in another place
      `UPDATE kreis SET amount = (amount::text || '000')::numeric, flat = 'ab  ' WHERE schluessel = 'c0013'`,
      `UPDATE kreis SET living = living WHERE schluessel < 'c0100'`,
    ];
    for (const text of plant) await target.query(text);
    const { report, keys } = await ofTax();
    expect(report!.found).toEqual({ ...none, missing: 1, extra: 1, changed: 6 });
    const expected = [
      ...['c0003', 'c0004', 'c0007', 'c0008', 'c0011', 'c0012'].map((code) => `changed ${code}`),
      'extra x0001',
      'missing c0001',
    ];
    expect(codes(keys)).toEqual(expected);
    // the provider knows the same keys
    const atProvider = mz.reconciler.results('area').find(({ session }) => session === report!.session)!;
    expect(codes(atProvider.keys)).toEqual(expected);
    expect(atProvider.report).toEqual(report);
  });

  it('leaves counts and digests with the platform, signed by both, and no key', async () => {
    const auditor = await site.person(null, 'auditor');
    const { reports } = await auditor.call(personRoutes.reconcileReports, {
      query: { resource: 'area', limit: 10 },
    });
    const [newest] = reports;
    const { keys } = await auditor.call(personRoutes.keyDirectory, {});
    expect(newest!.session.state).toBe('done');
    for (const [side, owner] of [
      ['provider', 'mz-1'],
      ['consumer', 'sw-1'],
    ] as const) {
      const document = newest![side]!;
      expect(verifyDocument(document, keys, newest!.endedAt!).owner).toBe(owner);
      expect((document.body as ReconcileReport).found).toMatchObject({ missing: 1, extra: 1 });
    }
    const platform = join(site.dataDir, 'platform.sqlite');
    expect(query(platform, 'SELECT * FROM reconcile_messages')).toEqual([]);
    expect(JSON.stringify(query(platform, 'SELECT * FROM reconcile_sessions'))).not.toMatch(/c000|x0001/);
    const other = await site.person('rs', 'operator');
    const theirs = await other.call(personRoutes.reconcileReports, { query: { limit: 10 } });
    expect(theirs.reports.map(({ session }) => session.consumer)).toEqual(['rs-1']);
  });

  it('repairs through the normal path, and looks again', async () => {
    const { report, keys } = await ofTax({ repair: true });
    expect(report).toMatchObject({
      found: { missing: 1, extra: 1, changed: 6 },
      repaired: { sent: 7, deleted: 1 },
      remaining: none,
    });
    expect(keys).toEqual([]);
    const { rows } = await target.query('SELECT schluessel, name FROM kreis ORDER BY 1');
    expect(rows.map(({ schluessel, name }) => [schluessel, name])).toEqual(
      rowsOf(legacy(), 'area', ['code', 'name']),
    );
    // the stream is one: the other subscriber got the same rows, equal to what it had
    await rs.done('in');
    expect(rowsOf(rsFile(), 'area', ['code']).length).toBe(1000);
    await expectEvidence(site);
  });

  it('takes what the source has not supplied yet for no difference', async () => {
    sql(
      legacy(),
      `UPDATE area SET name = 'neu' WHERE code < 'c0050'`,
      `DELETE FROM area WHERE code > 'c0990'`,
    );
    expect((await ofTax()).report).toMatchObject({ found: none, rows: { provider: 991, consumer: 991 } });
  });

  it('finds what is lost while both sides are written to, and nothing else', async () => {
    await target.query(`DELETE FROM kreis WHERE schluessel = 'c0500'`);
    let writes = 0;
    const writer = setInterval(() => {
      const code = `c${String(600 + (writes++ % 300)).padStart(4, '0')}`;
      sql(legacy(), `UPDATE area SET name = 'w${writes}' WHERE code = '${code}'`);
    }, 20);
    try {
      const { report, keys } = await ofTax();
      expect(writes).toBeGreaterThan(10);
      expect(codes(keys.filter(({ kind }) => kind !== 'unsettled'))).toEqual(['missing c0500']);
      expect(report!.found).toMatchObject({ missing: 1, extra: 0, changed: 0 });
    } finally {
      clearInterval(writer);
    }
    expect((await ofTax({ repair: true })).report).toMatchObject({ remaining: none });
  });

  it('tells a rejected row apart: stale at its owner, deleted by no repair', async () => {
    sql(legacy(), `UPDATE area SET kind = '4444' WHERE code = 'c0020'`);
    const { report, keys } = await ofTax({ repair: true });
    expect(report).toMatchObject({ found: { ...none, stale: 1 }, repaired: { sent: 0, deleted: 0 } });
    expect(codes(keys)).toEqual(['stale c0020']);
    const owner = mz.reconciler.results('area').find(({ session }) => session === report!.session)!;
    expect(owner.unfit).toEqual(['c0020']);
    expect((await target.query(`SELECT 1 FROM kreis WHERE schluessel = 'c0020'`)).rowCount).toBe(1);
  });

  it('ends where the other side does not run, and says so', async () => {
    await rs.stop();
    const order = { resource: 'area', agreement: ofResources, repair: false };
    const [begun] = await mz.reconciler.begin(order, soon());
    const ended = await until('an end', () => {
      const found = mz.reconciler.running().find(({ session }) => session === begun!.session);
      return found?.state === 'failed' && found;
    });
    expect(ended.problem).toMatchObject({ code: 'QZ_AGENT_RECONCILE_NO_ANSWER', details: { peer: 'rs-1' } });
    await rs.start();
  });

  it('begins by itself where the config has a schedule', async () => {
    await sw.stop();
    const before = mz.reconciler.results('area').map(({ session }) => session);
    await sw.schedule('in', { cron: '* * * * * *' });
    await sw.start();
    await until('a reconciliation', () =>
      sw.reconciler
        .results('area')
        .some(({ session, report }) => !before.includes(session) && report?.found.stale === 1),
    );
  });
});
