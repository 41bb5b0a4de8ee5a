import { writeFile } from 'node:fs/promises';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { sql } from '../../fixtures/tables.js';
import { createRig, type Refusal, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Checked {
  readonly drift: boolean;
  readonly checked: readonly {
    readonly exchange: string | null;
    readonly findings: readonly { readonly code: string; readonly item?: string }[];
  }[];
  readonly failed: readonly { readonly exchange: string; readonly error: { readonly code: string } }[];
}

let rig: Rig;
const CHECK = ['catalog', 'check', '--config', 'mz.yaml'];
const codesOf = (answer: Checked) =>
  answer.checked.map(({ exchange, findings }) => [
    exchange,
    ...findings.map(({ code, item = '' }) => `${code} ${item}`.trim()),
  ]);

const items = [
  { column: 'code', name: '代码', length: 6 },
  { column: 'name', name: '名称', length: 60 },
  { column: 'size', name: '面积', type: 'N' as const, length: undefined, precision: 10, scale: 2 },
];

beforeAll(async () => {
  rig = await createRig();
  sql(rig.at('own.sqlite'), 'CREATE TABLE t (a TEXT)');
  const exchanges = [
    '  - { name: supply-area, supply: area, connector: civil, source: { table: area, columns: { name: mc } } }',
    '  - { name: supply-river, supply: river, connector: civil, source: { table: area } }',
    '  - { name: pull-area, consume: area, connector: own, target: { table: area } }',
  ];
  await rig.enrol(
    'mz',
    'mz',
    `connectors:\n  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }\n  own: { type: sqlite, path: ./own.sqlite }\nexchanges:\n${exchanges.join('\n')}\n`,
  );
  await rig.publish(resourceOf('area', items), 'mz');
});
afterAll(() => rig?.close());

/** The table as the catalog has it, and what happened to it since. */
const table = (...changes: string[]) =>
  sql(
    rig.at('legacy.sqlite'),
    'DROP TABLE IF EXISTS area',
    'CREATE TABLE area (code VARCHAR(6) PRIMARY KEY, mc VARCHAR(60), size DECIMAL(10,2))',
    ...changes,
  );
beforeEach(() => table());

const named = [...CHECK, 'area', '--connector', 'civil', '--table', 'area'];

describe('catalog check', () => {
  it('finds nothing where the table is as the catalog says', async () => {
    const { code, answer } = await rig.json<Checked>(named);
    expect({ code, found: codesOf(answer) }).toEqual({ code: 0, found: [[null]] });
    expect((await rig.qz(named)).out).toMatch(/^✓ area v1 {2}civil area {2}no drift$/m);
  });

  it.each([
    [
      'a column more',
      ['ALTER TABLE area ADD COLUMN note TEXT', 'ALTER TABLE area ADD COLUMN more TEXT'],
      ['ADDED', 'ADDED'],
    ],
    ['a column less', ['ALTER TABLE area DROP COLUMN size'], ['DROPPED size']],
    ['another name', ['ALTER TABLE area RENAME COLUMN mc TO Name'], ['RENAMED name']],
    [
      'another type',
      ['ALTER TABLE area DROP COLUMN size', 'ALTER TABLE area ADD COLUMN size BLOB'],
      ['RETYPED size'],
    ],
    [
      'a shorter and a longer column',
      [
        'DROP TABLE area',
        'CREATE TABLE area (code VARCHAR(4) PRIMARY KEY, mc VARCHAR(90), size DECIMAL(10,2))',
      ],
      ['NARROWED code', 'WIDENED name'],
    ],
    [
      'another key',
      [
        'DROP TABLE area',
        'CREATE TABLE area (code VARCHAR(6), mc VARCHAR(60), size DECIMAL(10,2), PRIMARY KEY (code, mc))',
      ],
      ['REKEYED'],
    ],
  ])('%s: exit 8', async (_, changes, expected) => {
    table(...changes);
    const { code, answer } = await rig.json<Checked>(named);
    expect({ code, drift: answer.drift, found: codesOf(answer) }).toEqual({
      code: 8,
      drift: true,
      found: [[null, ...expected]],
    });
    const ignored = expected.flatMap((each) => ['--ignore', each.split(' ')[0]!]);
    expect((await rig.json<Checked>([...named, ...ignored])).code).toBe(0);
  });

  it('does not call it free of drift where there is nothing to compare', async () => {
    await rig.writeConfig('empty', 'connectors: {}\n');
    const at = { env: { QZ_CONFIG: 'empty.yaml' } };
    const { code, answer } = await rig.json(['catalog', 'check'], at);
    expect({ code, answer }).toEqual({ code: 0, answer: { drift: null, checked: [], failed: [] } });
    const { out, err } = await rig.qz(['catalog', 'check'], at);
    expect(out).toContain('nothing to compare');
    expect(err).toContain('qianzhi exchange add');
  });

  it('tells drift in both languages', async () => {
    table('ALTER TABLE area DROP COLUMN size');
    expect((await rig.qz(named, { env: { QZ_LANG: 'zh' } })).out).toMatch(/✗ DROPPED.*size.*已不在表中/);
    expect((await rig.qz(named)).out).toMatch(/✗ DROPPED.*size is no longer in the table/);
  });

  it('goes over all exchanges, and tells of those that cannot be compared', async () => {
    table('ALTER TABLE area DROP COLUMN size');
    const { code, answer } = await rig.json<Checked>(CHECK);
    expect({ code, found: codesOf(answer) }).toEqual({ code: 8, found: [['supply-area', 'DROPPED size']] });
    expect(answer.failed).toMatchObject([
      { exchange: 'supply-river', error: { code: 'QZ_AGENT_SUPPLY_UNASSIGNED' } },
      { exchange: 'pull-area', error: { code: 'QZ_AGENT_CONSUME_UNGRANTED' } },
    ]);
    const one = await rig.json<Checked>([...CHECK, 'area']);
    expect(one.answer.checked).toMatchObject([{ exchange: 'supply-area' }]);
  });

  it('takes the entry from a file, or from the platform as the signed-in person', async () => {
    await rig.as('editor').call((await import('@qianzhi/model')).personRoutes.publishCatalog, {
      params: { code: 'plain' },
      body: resourceOf('plain', [{ column: 'code', length: 6 }]),
    });
    await rig.signIn('editor');
    const plain = [...CHECK, 'plain', '--connector', 'civil', '--table', 'area'];
    expect(codesOf((await rig.json<Checked>(plain)).answer)).toEqual([[null, 'ADDED', 'ADDED']]);
    await writeFile(rig.at('draft.yaml'), JSON.stringify(resourceOf('draft', items)));
    const draft = [...CHECK, 'draft', '--connector', 'civil', '--table', 'area', '--file', 'draft.yaml'];
    expect(codesOf((await rig.json<Checked>([...draft, '--map', 'name=mc'])).answer)).toEqual([[null]]);
    expect(codesOf((await rig.json<Checked>(draft)).answer)).toEqual([[null, 'RENAMED name']]);
  });

  it.each([
    [
      'a table that is not there',
      ['area', '--connector', 'civil', '--table', 'none'],
      5,
      'QZ_AGENT_TABLE_UNKNOWN',
    ],
    ['a table without a code', ['--connector', 'civil', '--table', 'area'], 2, 'QZ_CLI_ARGUMENT_MISSING'],
    ['a table without a connector', ['area', '--table', 'area'], 2, 'QZ_CLI_FLAG_MISSING'],
    [
      'a resource nobody published',
      ['nope', '--connector', 'civil', '--table', 'area'],
      5,
      'QZ_PLATFORM_RESOURCE_UNKNOWN',
    ],
  ])('%s', async (_, args, exit, expected) => {
    await rig.signIn('editor');
    const { code, answer } = await rig.json<Refusal>([...CHECK, ...args]);
    expect({ code, error: answer.error.code }, JSON.stringify(answer)).toEqual({
      code: exit,
      error: expected,
    });
  });
});

describeWithPostgres('catalog check on PostgreSQL', (url) => {
  const query = async (text: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  afterAll(() => query('DROP SCHEMA drifting CASCADE'));

  it('sees a table change under it, a new name by its comment', async () => {
    await query(`CREATE SCHEMA drifting;
      CREATE TABLE drifting.area (code varchar(6) PRIMARY KEY, name varchar(60), size numeric(10,2));
      COMMENT ON COLUMN drifting.area.name IS '名称'`);
    const { hostname, port, username, password, pathname } = new URL(url);
    await rig.writeConfig(
      'pg',
      `connectors:\n  gov: { type: postgres, host: ${hostname}, port: ${port}, database: ${pathname.slice(1)}, user: ${username}, password: '\${env:PG_SECRET}' }\n`,
    );
    await writeFile(rig.at('area-pg.yaml'), JSON.stringify(resourceOf('area', items)));
    const check = [
      'catalog',
      'check',
      'area',
      '--config',
      'pg.yaml',
      '--connector',
      'gov',
      '--table',
      'drifting.area',
      '--file',
      'area-pg.yaml',
    ];
    const env = { PG_SECRET: password };
    const before = await rig.json<Checked>(check, { env });
    expect({ code: before.code, found: codesOf(before.answer) }).toEqual({ code: 0, found: [[null]] });
    await query(`ALTER TABLE drifting.area RENAME COLUMN name TO qhmc;
      ALTER TABLE drifting.area ALTER COLUMN size TYPE numeric(8,1);
      ALTER TABLE drifting.area ADD COLUMN gxsj timestamp`);
    const after = await rig.json<Checked>(check, { env });
    expect({ code: after.code, found: codesOf(after.answer) }).toEqual({
      code: 8,
      found: [[null, 'RENAMED name', 'NARROWED size', 'NARROWED size', 'ADDED']],
    });
  });
});
