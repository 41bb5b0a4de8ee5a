import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { columnNames, insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;
let agreement: string;

const legacy = () => site.at('legacy.sqlite');
const target = () => site.at('sw.sqlite');
const columns = ['code', 'name', 'phone', 'remark'];
const row = (n: number) => [`c${String(n).padStart(3, '0')}`, `名称${n}`, `1380000${n}`, `备注${n}`];

/** By all runs: what a replaced grant left is erased in a run of its own, which takes what it finds. */
function takenIn() {
  const summaries = sw.engine.jobs.list({ exchange: 'in' }).map(({ summary }) => summary);
  const sum = (of: 'delivered' | 'updated') =>
    summaries.reduce((all, summary) => all + (summary?.[of] ?? 0), 0);
  return { delivered: sum('delivered'), updated: sum('updated') };
}

const consumer = () => ({
  connectors: { own: { type: 'sqlite', path: target(), create: true } },
  exchanges: [{ name: 'in', consume: 'firm', connector: 'own', target: { table: 'firm', create: true } }],
});

beforeAll(async () => {
  site = await createSite();
  sql(
    legacy(),
    'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT, phone TEXT, remark TEXT)',
    'CREATE TABLE firm_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
    "CREATE TRIGGER i AFTER INSERT ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('I', NEW.code); END",
    "CREATE TRIGGER u AFTER UPDATE ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('U', NEW.code); END",
    "CREATE TRIGGER d AFTER DELETE ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('D', OLD.code); END",
  );
  insertRows(
    legacy(),
    'firm',
    Array.from({ length: 200 }, (_, n) => row(n)),
  );
  await site.publish(
    resourceOf('firm', [
      { column: 'code' },
      { column: 'name' },
      { column: 'phone', sharing: 'conditional' },
      { column: 'remark', sharing: 'conditional' },
    ]),
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
  sw = await site.enrol('sw-1', 'sw', consumer());
  await mz.start({ limits: { blockBytes: 1024 } });
  await sw.start();
});

afterAll(() => site?.close());

it('grant version 1: what is unconditional, snapshot and changes', async () => {
  agreement = (await site.subscribe('sw', 'firm')).id;
  await mz.done('out');
  await sw.done('in');
  expect(columnNames(target(), 'firm')).toEqual(['code', 'name']);
  sql(legacy(), "UPDATE firm SET name = '新' WHERE code = 'c005'", "DELETE FROM firm WHERE code = 'c006'");
  await mz.done('out');
  expect((await sw.done('in')).summary).toMatchObject({ delivered: 2, updated: 1, deleted: 1 });
  expect(rowsOf(target(), 'firm')).toEqual(rowsOf(legacy(), 'firm', ['code', 'name']));
});

it('grant version 2 with more items: from the last complete snapshot, columns added, no row lost', async () => {
  sql(legacy(), "INSERT INTO firm VALUES ('c900', '后来', '13', 'r')");
  await mz.done('out');
  const second = await site.subscribe('sw', 'firm', { items: columns });
  expect(second).toMatchObject({ id: agreement, grant: { body: { grantVersion: 2 } } });
  const job = await sw.done('in');
  // the whole snapshot again, then the changes after it
  expect(job.summary).toMatchObject({ delivered: 203, rejected: 0 });
  expect(columnNames(target(), 'firm').sort()).toEqual([...columns].sort());
  expect(rowsOf(target(), 'firm', columns)).toEqual(rowsOf(legacy(), 'firm', columns));
  const before = takenIn();
  sql(legacy(), "UPDATE firm SET phone = '99' WHERE code = 'c007'");
  await mz.done('out');
  await sw.done('in');
  expect(takenIn()).toEqual({ delivered: before.delivered + 1, updated: before.updated + 1 });
  expect(rowsOf(target(), 'firm', columns)).toEqual(rowsOf(legacy(), 'firm', columns));
});

it('the deliveries of version 1 are over and said so, nothing of them is left to do', () => {
  const deliveries = sw.engine.streams.list().filter((stream) => stream.direction === 'consume');
  expect(deliveries.map(({ name, state }) => [name.split('/')[1], state])).toEqual([
    ['1', 'revoked'],
    ['2', 'running'],
  ]);
});

it('a new grant with fewer items: rows go on without them', async () => {
  await site.revoke(agreement);
  const third = await site.subscribe('sw', 'firm', { items: ['code', 'phone'] });
  expect(third.items).toEqual(['code', 'phone']);
  sql(legacy(), "UPDATE firm SET phone = '77', remark = 'geheim' WHERE code = 'c008'");
  await mz.done('out');
  expect((await sw.done('in')).summary).toMatchObject({ rejected: 0 });
  expect(rowsOf(target(), 'firm', ['code', 'phone'])).toEqual(rowsOf(legacy(), 'firm', ['code', 'phone']));
  expect(rowsOf(target(), 'firm', ['remark'])).not.toContainEqual(['geheim']);
});

it('evidence', () => expectEvidence(site));
