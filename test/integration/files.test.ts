import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';

/** A folder of GBK files → platform → SQLite, and SQLite → platform → a folder of files. */
let site: Site;
let mz: SiteAgent;
let sw: SiteAgent;

const codes = ['people', 'firms', 'shops'];
const inbox = () => site.at('inbox');
const outbox = () => site.at('outbox');
const items = [
  { column: 'code', length: 20 },
  { column: 'name', length: 20 },
  { column: 'amount', type: 'N' as const, precision: 12, scale: 2, length: undefined },
];

/** As a careful supplier does: written under another name, then renamed. */
function put(name: string, text: string): void {
  writeFileSync(join(inbox(), `${name}.part`), iconv.encode(text, 'gbk'));
  renameSync(join(inbox(), `${name}.part`), join(inbox(), name));
}

beforeAll(async () => {
  site = await createSite();
  mkdirSync(inbox());
  mkdirSync(outbox());
  sql(
    site.at('legacy.sqlite'),
    'CREATE TABLE firms (code TEXT PRIMARY KEY, name TEXT, amount TEXT)',
    `INSERT INTO firms VALUES ('f1', '甲,公司', '1.50'), ('f2', '', NULL), ('f3', '𠮷野家', '3')`,
  );
  for (const code of codes) await site.publish(resourceOf(code, items));
  mz = await site.enrol('mz-1', 'mz', {
    connectors: {
      folder: { type: 'files', path: inbox() },
      legacy: { type: 'sqlite', path: site.at('legacy.sqlite') },
    },
    exchanges: [
      {
        name: 'out-people',
        supply: 'people',
        connector: 'folder',
        strategy: 'change-table',
        rejectLimit: 0.5,
        source: {
          pattern: '增量_*.csv',
          full: '全量_*.csv',
          columns: { code: '编号', name: '姓名', amount: '金额' },
          op: { column: '操作' },
          done: 'move',
          complete: { quietSeconds: 0 },
        },
      },
      {
        name: 'out-shops',
        supply: 'shops',
        connector: 'folder',
        strategy: 'diff',
        source: { table: 'shops.csv', header: false, complete: { quietSeconds: 0 } },
      },
      {
        name: 'out-firms',
        supply: 'firms',
        connector: 'legacy',
        strategy: 'diff',
        source: { table: 'firms' },
      },
    ],
  });
  for (const code of codes) await site.supply(code, 'mz-1');
  sw = await site.enrol('sw-1', 'sw', {
    connectors: {
      own: { type: 'sqlite', path: site.at('sw.sqlite'), create: true },
      files: { type: 'files', path: outbox() },
    },
    exchanges: [
      ...['people', 'shops'].map((code) => ({
        name: `in-${code}`,
        consume: code,
        connector: 'own',
        target: { table: code, create: true },
      })),
      {
        name: 'in-firms',
        consume: 'firms',
        connector: 'files',
        rejectLimit: 0.5,
        target: { name: 'firms', encoding: 'gbk', marker: '.ok' },
      },
    ],
  });
  for (const code of codes) await site.subscribe('sw', code);
  await restart();
});
afterAll(() => site?.close());

async function restart(): Promise<void> {
  await Promise.all([mz.stop(), sw.stop()]);
  await Promise.all([mz.start({ limits: { blockBytes: 200, batchRows: 10 } }), sw.start()]);
}

async function move(code: string) {
  const out = await mz.done(`out-${code}`);
  const into = await sw.done(`in-${code}`);
  return { out: out.summary!, into: into.summary! };
}

const target = () => rowsOf(site.at('sw.sqlite'), 'people', ['code', 'name', 'amount']);

it('a full copy in GBK arrives; lines that are no rows stay behind, and where they stand is told', async () => {
  const lines = Array.from({ length: 30 }, (_, n) => `c${String(n).padStart(2, '0')},名${n},${n}.5\r\n`);
  put('全量_1.csv', `编号,姓名,金额\r\n${lines.join('')}坏行\r\nc77,${'长'.repeat(21)},1\r\n`);
  const { out, into } = await move('people');
  expect(out).toMatchObject({ stored: 30, rejected: 2 });
  const refused = mz.engine.quarantine.list().map(({ reason, place }) => [reason, place]);
  expect(refused.sort()).toEqual([
    ['malformed', '全量_1.csv:32'],
    ['too-long', '全量_1.csv:33'],
  ]);
  expect(into).toMatchObject({ delivered: 30, inserted: 30 });
  expect(target()[4]).toEqual(['c04', '名4', '4.50']);
  expect(readdirSync(join(inbox(), 'done'))).toEqual(['0000000001-全量_1.csv']);
});

it('changes follow, each file once, over agents that are started anew', async () => {
  await restart();
  put('增量_2.csv', '操作,编号,姓名,金额\nU,c01,改名,7\nD,c02,,\nI,n1,"新,的",0.05\n');
  put('增量_10.csv', '操作,编号,姓名,金额\nU,c01,再改,8\n');
  const { into } = await move('people');
  expect(into).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
  expect(target().slice(0, 3)).toEqual([
    ['c00', '名0', '0.50'],
    ['c01', '再改', '8.00'],
    ['c03', '名3', '3.50'],
  ]);
  await restart();
  expect((await move('people')).into).toMatchObject({ delivered: 0 });
  expect(readdirSync(inbox()).filter((name) => name.startsWith('增量'))).toEqual([]);
});

it('a new full copy replaces what is there', async () => {
  put('全量_11.csv', '编号,姓名,金额\nz1,末,1\n');
  await move('people');
  expect(target()).toEqual([['z1', '末', '1.00']]);
});

it('a file that is written anew each time: the comparison finds what changed and what is gone', async () => {
  put('shops.csv', 's1,一,1\ns2,二,2\ns3,三,3\n');
  expect((await move('shops')).into).toMatchObject({ inserted: 3 });
  put('shops.csv', 's1,一,1\ns3,叁,3\ns4,四,4\n');
  expect((await move('shops')).into).toMatchObject({ inserted: 1, updated: 1, deleted: 1 });
  expect(rowsOf(site.at('sw.sqlite'), 'shops', ['code', 'name'])).toEqual([
    ['s1', '一'],
    ['s3', '叁'],
    ['s4', '四'],
  ]);
});

it('a table arrives as a file in GBK; a character that GBK lacks is a rejected row', async () => {
  const { into } = await move('firms');
  expect(into).toMatchObject({ delivered: 3, inserted: 2, rejected: 1 });
  const bytes = readFileSync(join(outbox(), 'firms-0000000001-full.csv'));
  expect(iconv.decode(bytes, 'gbk')).toBe('code,name,amount\nf1,"甲,公司",1.50\nf2,"",\n');
  expect(existsSync(join(outbox(), 'firms-0000000001-full.csv.ok'))).toBe(true);
});

it('changes of the table arrive as numbered files', async () => {
  await restart();
  sql(
    site.at('legacy.sqlite'),
    `UPDATE firms SET amount = '2' WHERE code = 'f1'`,
    `DELETE FROM firms WHERE code = 'f2'`,
  );
  expect((await move('firms')).into).toMatchObject({ delivered: 2, inserted: 1, deleted: 1 });
  const bytes = readFileSync(join(outbox(), 'firms-0000000002-changes.csv'));
  expect(iconv.decode(bytes, 'gbk').split('\n').sort()).toEqual([
    '',
    'D,f2,,',
    'U,f1,"甲,公司",2.00',
    'op,code,name,amount',
  ]);
  await expectEvidence(site);
});
