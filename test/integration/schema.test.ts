import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { columnNames, insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;

const legacy = () => site.at('legacy.sqlite');
const target = () => site.at('sw.sqlite');
const soon = () => AbortSignal.timeout(15_000);

type Items = Parameters<typeof resourceOf>[1];
const first: Items = [{ column: 'code' }, { column: 'name' }, { column: 'grade' }];
const withPhone: Items = [...first, { column: 'phone' }];
const retyped: Items = [
  { column: 'code' },
  { column: 'name' },
  { column: 'grade', type: 'I', length: undefined },
];

beforeAll(async () => {
  site = await createSite();
  sql(
    legacy(),
    'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT, grade TEXT, phone TEXT, at TEXT)',
    'CREATE TABLE firm_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
    "CREATE TRIGGER i AFTER INSERT ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('I', NEW.code); END",
    "CREATE TRIGGER u AFTER UPDATE ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('U', NEW.code); END",
  );
  insertRows(
    legacy(),
    'firm',
    Array.from({ length: 50 }, (_, n) => [`c${n}`, `名${n}`, String(n % 3), `13${n}`, '2026-01-01 00:00:00']),
  );
  await site.publish(resourceOf('firm', first));
  mz = await site.enrol('mz-1', 'mz', {
    connectors: { legacy: { type: 'sqlite', path: legacy() } },
    exchanges: [
      {
        name: 'out',
        supply: 'firm',
        connector: 'legacy',
        strategy: 'change-table',
        source: { table: 'firm', changeTable: { table: 'firm_log', serial: 'n', op: 'op' } },
      },
    ],
  });
  await site.supply('firm', 'mz-1');
  sw = await site.enrol('sw-1', 'sw', {
    connectors: { own: { type: 'sqlite', path: target(), create: true } },
    exchanges: [{ name: 'in', consume: 'firm', connector: 'own', target: { table: 'firm', create: true } }],
  });
  await Promise.all([mz.start(), sw.start()]);
  await site.subscribe('sw', 'firm');
  await mz.done('out');
  await sw.done('in');
});

afterAll(() => site?.close());

const stream = () => mz.engine.streams.show('firm');
const equal = (columns: string[]) =>
  expect(rowsOf(target(), 'firm', columns)).toEqual(rowsOf(legacy(), 'firm', columns));

describe('an optional item more', () => {
  it('pauses the stream with a readable difference until a person accepts it', async () => {
    await site.publish(resourceOf('firm', withPhone));
    expect(await mz.run('out')).toMatchObject({
      state: 'failed',
      problem: {
        code: 'QZ_ENGINE_SCHEMA_CHANGED',
        texts: { en: { message: expect.stringContaining('phone') } },
      },
      restart: expect.stringContaining('qianzhi stream accept-schema firm'),
    });
    expect(stream()).toMatchObject({ state: 'paused' });
    expect(await sw.done('in')).toMatchObject({ summary: { delivered: 0 } });
  });

  it('accepted: the epoch stays, and the item flows once it is granted', async () => {
    await mz.engine.streams.acceptSchema('firm', soon());
    expect(stream()).toMatchObject({ schemaVersion: 2, stream: { epoch: 1 }, state: 'running' });
    sql(legacy(), "UPDATE firm SET phone = '99', name = '新' WHERE code = 'c1'");
    await mz.done('out');
    expect((await sw.done('in')).summary).toMatchObject({ delivered: 1, updated: 1 });
    expect(columnNames(target(), 'firm')).not.toContain('phone');
    equal(['code', 'name', 'grade']);
    await site.subscribe('sw', 'firm', { items: ['phone'] });
    await sw.done('in');
    expect(rowsOf(target(), 'firm', ['code', 'phone'])).toContainEqual(['c1', '99']);
    equal(['code', 'name', 'grade']);
  });

  it('rows before it are made whole by a snapshot', async () => {
    mz.engine.streams.resnapshot('firm');
    await mz.done('out');
    await sw.done('in');
    equal(['code', 'name', 'grade', 'phone']);
  });
});

describe('an item removed', () => {
  it('opens an epoch that begins with a snapshot; the consumer goes on by itself', async () => {
    await site.publish(resourceOf('firm', first));
    expect(await mz.run('out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_SCHEMA_CHANGED' },
    });
    await mz.engine.streams.acceptSchema('firm', soon());
    expect(stream()).toMatchObject({ schemaVersion: 3, stream: { epoch: 2 } });
    sql(legacy(), "DELETE FROM firm WHERE code = 'c2'", "INSERT INTO firm VALUES ('d1', 'n', '1', 'p', '')");
    await mz.done('out');
    await sw.done('in');
    equal(['code', 'name', 'grade']);
  });
});

describe('an item retyped', () => {
  it('opens an epoch; values that do not fit go to quarantine, the others go on', async () => {
    sql(legacy(), "UPDATE firm SET grade = 'x' WHERE code = 'c3'");
    await site.publish(resourceOf('firm', retyped));
    await mz.run('out');
    await mz.engine.streams.acceptSchema('firm', soon());
    const job = await mz.done('out');
    expect(job.summary).toMatchObject({ rejected: expect.any(Number) });
    expect(mz.engine.quarantine.list()).toMatchObject([{ item: 'grade', resource: 'firm' }]);
    expect(stream()).toMatchObject({ schemaVersion: 4, stream: { epoch: 3 } });
    await sw.done('in');
    const valid = rowsOf(legacy(), 'firm', ['code', 'name', 'grade']).filter(([code]) => code !== 'c3');
    expect(rowsOf(target(), 'firm', ['code', 'name', 'grade'])).toEqual(valid);
  });

  it('the row mended in the source arrives', async () => {
    sql(legacy(), "UPDATE firm SET grade = '7' WHERE code = 'c3'");
    await mz.done('out');
    await sw.done('in');
    equal(['code', 'name', 'grade']);
  });
});

describe('a table that drifts from the catalog', () => {
  it('pauses the stream naming the column, sends nothing, and goes on when the table is mended', async () => {
    sql(legacy(), 'ALTER TABLE firm RENAME COLUMN name TO title');
    expect(await mz.run('out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_DRIFT', texts: { en: { message: expect.stringContaining('name') } } },
      restart: expect.stringContaining('qianzhi stream'),
    });
    expect(stream()).toMatchObject({ state: 'paused' });
    expect((await sw.done('in')).summary).toMatchObject({ delivered: 0 });
    sql(legacy(), 'ALTER TABLE firm RENAME COLUMN title TO name');
    mz.engine.streams.resume('firm');
    sql(legacy(), "UPDATE firm SET name = '回来' WHERE code = 'c4'");
    await mz.done('out');
    await sw.done('in');
    equal(['code', 'name', 'grade']);
  });

  it('a column dropped for good: the catalog follows, a new epoch leads on', async () => {
    sql(legacy(), 'ALTER TABLE firm DROP COLUMN grade');
    expect(await mz.run('out')).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_DRIFT' } });
    await site.publish(resourceOf('firm', [{ column: 'code' }, { column: 'name' }]));
    await mz.sync();
    await mz.engine.streams.acceptSchema('firm', soon());
    await mz.done('out');
    await sw.done('in');
    equal(['code', 'name']);
  });
});

it('evidence', () => expectEvidence(site));
