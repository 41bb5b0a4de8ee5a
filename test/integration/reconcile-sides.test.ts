import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReconcileOrder } from '../../packages/agent/src/reconcile/reconciler.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, query, rowsOf, sql } from '../fixtures/tables.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

/** What a side brings along: a source read by copies only, a target that refuses a row, a run that listens, a hidden key. */
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let rs: SiteAgent;

const legacy = () => site.at('legacy.sqlite');
const target = () => site.at('sw.sqlite');
const none = { missing: 0, extra: 0, changed: 0, stale: 0, unsettled: 0 };

const consume = { name: 'in', consume: 'firm', connector: 'own' };
const consuming = (table: string) => ({
  connectors: { own: { type: 'sqlite', path: target() } },
  exchanges: [{ ...consume, target: { table }, modeOptions: { waitMs: 3_600_000 } }],
});

beforeAll(async () => {
  site = await createSite();
  sql(legacy(), 'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT)');
  insertRows(
    legacy(),
    'firm',
    Array.from({ length: 50 }, (_, n) => [`f${n}`, `name ${n}`]),
  );
  sql(
    target(),
    `CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT CHECK (name <> 'name 7'))`,
    'CREATE TABLE other (code TEXT PRIMARY KEY, name TEXT)',
  );
  await site.publish(resourceOf('firm', [{ column: 'code' }, { column: 'name' }]));
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy() } },
    exchanges: [{ name: 'out', supply: 'firm', connector: 'legacy', source: { table: 'firm' } }],
  });
  await site.supply('firm', 'mz-1');
  sw = await site.enrol('sw-1', 'sw', consuming('firm'));
  rs = await site.enrol('rs-1', 'rs', {
    connectors: { own: { type: 'sqlite', path: site.at('rs.sqlite'), create: true } },
    exchanges: [{ ...consume, target: { table: 'firm', create: true } }],
  });
  await site.subscribe('sw', 'firm');
  await site.subscribe('rs', 'firm', { items: ['code', 'name'], masks: { code: 'pseudonym' } });
  await Promise.all([mz.start(), sw.start(), rs.start()]);
  await mz.done('out');
  await rs.done('in');
  await sw.sync();
  sw.engine.jobs.run('in');
  await until('all applied', () => query(target(), 'SELECT * FROM firm').length === 49);
});
afterAll(() => site?.close());

async function ended(at: SiteAgent, order: Partial<ReconcileOrder> = {}) {
  const [begun] = await at.reconciler.begin(
    { resource: 'firm', repair: false, ...order },
    AbortSignal.timeout(15_000),
  );
  const of = (agent: SiteAgent) =>
    agent.reconciler.running().find(({ session }) => session === begun!.session);
  const here = await until('its end', () => {
    const one = of(at);
    return one?.state !== 'running' && one;
  });
  await until('its end at the provider', () => of(mz) !== undefined && of(mz)!.state !== 'running');
  const result = at.reconciler.results('firm').find(({ session }) => session === begun!.session);
  return { ...here, result };
}

it('a row that the target refused is missing, and told apart from one that got lost', async () => {
  const { result } = await ended(sw);
  expect(result).toMatchObject({
    report: { found: { ...none, missing: 1 } },
    keys: [{ kind: 'missing', key: 'f7' }],
    refused: ['f7'],
  });
});

it('a run that listens for an hour is not waited for', () => {
  expect(sw.engine.jobs.list({ state: 'running' }).map(({ exchange }) => exchange)).toEqual(['in']);
});

it('a source read by whole copies: changes since the last one differ, and a repair brings them', async () => {
  sql(
    legacy(),
    `UPDATE firm SET name = 'anders' WHERE code = 'f1'`,
    `DELETE FROM firm WHERE code = 'f2'`,
    `INSERT INTO firm VALUES ('f99', 'neu')`,
  );
  const found = { ...none, missing: 2, changed: 1, extra: 1 };
  expect((await ended(sw)).result).toMatchObject({ report: { found, repaired: { sent: 0 } } });
  const { result } = await ended(sw, { repair: true });
  // the refused row was sent again, and refused again
  expect(result).toMatchObject({
    report: { found, repaired: { sent: 3, deleted: 1 }, remaining: { ...none, missing: 1 } },
    refused: ['f7'],
  });
  const right = rowsOf(legacy(), 'firm').filter(([code]) => code !== 'f7');
  expect(rowsOf(target(), 'firm')).toEqual(right);
  expect(mz.engine.jobs.list({ exchange: 'out' }).length).toBe(1);
});

it('a key that is granted as a pseudonym ends it at both, with the reason', async () => {
  const { problem } = await ended(rs);
  const codes = ['QZ_ENGINE_RECONCILE_KEY_HIDDEN', 'QZ_AGENT_RECONCILE_PEER_FAILED'];
  expect(codes).toContain(problem?.code);
});

it('an exchange that the config changes meanwhile ends it at both: two looks would be at two tables', async () => {
  await mz.stop();
  const order = { resource: 'firm', repair: true };
  const [begun] = await sw.reconciler.begin(order, AbortSignal.timeout(15_000));
  const platform = join(site.dataDir, 'platform.sqlite');
  await until('its greeting', () => query(platform, 'SELECT * FROM reconcile_messages').length > 0);
  await sw.configure(consuming('other'));
  await sw.reload();
  await mz.start();
  const endOf = (agent: SiteAgent) =>
    until(`its end at ${agent.name}`, () => {
      const one = agent.reconciler.running().find(({ session }) => session === begun!.session);
      return one?.state === 'failed' && one.problem?.code;
    });
  expect(await endOf(sw)).toBe('QZ_ENGINE_RECONCILE_EXCHANGE_CHANGED');
  expect(await endOf(mz)).toBe('QZ_AGENT_RECONCILE_PEER_FAILED');
});

it('an agent that stops gives its sessions up at once', async () => {
  await mz.stop();
  const [begun] = await sw.reconciler.begin({ resource: 'firm', repair: false }, AbortSignal.timeout(15_000));
  await sw.stop();
  await mz.start();
  const auditor = await site.person(null, 'auditor');
  const { reports } = await auditor.call(personRoutes.reconcileReports, { query: { limit: 1 } });
  expect(reports[0]!.session).toMatchObject({
    id: begun!.session,
    state: 'failed',
    failure: { agent: 'sw-1', code: 'QZ_MODEL_CANCELLED' },
  });
});
