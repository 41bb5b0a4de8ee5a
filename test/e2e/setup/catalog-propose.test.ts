import { readFile, stat } from 'node:fs/promises';
import { type CatalogResource, citizenIdFrom, usccFrom } from '@qianzhi/model';
import { describeWithPostgres } from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { insertRows, sql } from '../../fixtures/tables.js';
import { createRig, type Refusal, type Rig } from '../rig.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

interface Proposed {
  readonly resource: CatalogResource;
  readonly findings: readonly { readonly code: string; readonly level: string }[];
  readonly profile: { readonly rows: number; readonly columns: readonly Record<string, unknown>[] } | null;
}

let rig: Rig;
const PROPOSE = ['catalog', 'propose', '--connector', 'civil', '--config', 'mz.yaml', '--table'];
const itemsOf = ({ resource }: Proposed) =>
  Object.fromEntries(resource.items.map((item) => [item.column, item]));

beforeAll(async () => {
  rig = await createRig();
  sql(
    rig.at('legacy.sqlite'),
    'CREATE TABLE person (sfzh TEXT PRIMARY KEY, xm VARCHAR(30) NOT NULL, lx CHAR(2), a VARCHAR(20), note TEXT)',
    'CREATE TABLE firm (dm TEXT PRIMARY KEY, mc VARCHAR(100))',
    'CREATE TABLE area (code VARCHAR(6) PRIMARY KEY, name VARCHAR(60) NOT NULL, size DECIMAL(10,2))',
    'CREATE VIEW counted AS SELECT lx, count(*) AS n FROM person GROUP BY lx',
  );
  const id = (n: number) => (n === 7 ? 'Wrong-Id-0007' : citizenIdFrom('441302', '1990-01-02', n));
  const person = (n: number) => [
    id(n),
    `Secret-Name-${n}`,
    n % 2 ? '01' : '02',
    `1380000${1000 + n}`,
    n % 4 ? null : '',
  ];
  insertRows(
    rig.at('legacy.sqlite'),
    'person',
    Array.from({ length: 60 }, (_, n) => person(n)),
  );
  insertRows(
    rig.at('legacy.sqlite'),
    'firm',
    Array.from({ length: 30 }, (_, n) => [usccFrom('91', '441300', String(10_000_000 + n)), `Firm-${n}`]),
  );
  await rig.enrol(
    'mz',
    'mz',
    'connectors:\n  civil: { type: sqlite, path: ./legacy.sqlite, readOnly: true }\n',
  );
});
afterAll(() => rig?.close());

describe('catalog propose', () => {
  it('finds identifiers, sensitive items and codes by names and by values', async () => {
    const { code, answer } = await rig.json<Proposed>([...PROPOSE, 'person']);
    expect(code).toBe(0);
    expect(itemsOf(answer)).toMatchObject({
      sfzh: {
        type: 'C',
        length: 18,
        key: true,
        identifier: 'person',
        schemes: ['citizenId'],
        sensitivity: 'sensitive',
      },
      xm: { type: 'C', length: 30, required: true, sensitivity: 'personal' },
      lx: { type: 'C', length: 2, codeTable: 'lx' },
      a: { type: 'C', length: 20, sensitivity: 'personal' },
      note: { type: 'M' },
    });
    expect(answer.resource).toMatchObject({
      code: 'person',
      department: 'mz',
      subject: 'person',
      sharing: 'conditional',
      codeTables: { lx: { '01': '', '02': '' } },
    });
    expect(answer.profile?.rows).toBe(60);
    expect(answer.profile?.columns).toMatchObject([
      {
        column: 'sfzh',
        scheme: 'citizenId',
        invalid: 1,
        nulls: 0,
        distinct: 60,
        minLength: 13,
        maxLength: 18,
      },
      { column: 'xm', scheme: null },
      { column: 'lx', distinct: 2 },
      { column: 'a', distinct: 60 },
      { column: 'note', nulls: 45, empty: 15 },
    ]);
  });

  it('shows counts and reasons, and of values the codes alone', async () => {
    const { code, out, err } = await rig.qz([...PROPOSE, 'person']);
    expect(code).toBe(0);
    expect(out).toMatch(/sfzh.*# .*59 of 60 sampled values are valid as an ID number/);
    expect(out).toMatch(/lx: \{ "01": "", "02": "" \}/);
    expect(err).toMatch(/sfzh +0 +13–18 +60 +citizenId +1/);
    expect(out + err).not.toMatch(/Secret-Name|Wrong-Id|1380000|441302/);
  });

  it('knows a firm by the check digit, whatever the column is called', async () => {
    const { answer } = await rig.json<Proposed>([...PROPOSE, 'firm']);
    expect(itemsOf(answer).dm).toMatchObject({ length: 18, schemes: ['uscc'], identifier: 'organisation' });
    expect(answer.resource.subject).toBe('organisation');
  });

  it('reads nothing where no sample is wanted, and goes by the structure where none can be had', async () => {
    const { answer } = await rig.json<Proposed>([...PROPOSE, 'firm', '--sample', '0']);
    expect(answer).toMatchObject({
      profile: null,
      resource: { subject: 'other', items: [{ type: 'M', key: true }, {}] },
    });
    const view = await rig.json<Proposed>([...PROPOSE, 'counted']);
    expect(view).toMatchObject({
      code: 0,
      answer: { profile: null, unsampled: { code: 'QZ_SQLITE_NO_ORDER' } },
    });
    expect(view.answer.findings).toContainEqual(expect.objectContaining({ code: 'NO_KEY' }));
    expect((await rig.qz([...PROPOSE, 'counted'])).err).toMatch(
      /no sample, drafted from the structure alone/,
    );
  });

  it('is published as it stands where nothing is left to a person', async () => {
    const told = [
      '--sharing',
      'unconditional',
      '--cycle',
      'yearly',
      '--name',
      '县级行政区划',
      '--out',
      'area.yaml',
    ];
    const drafted = await rig.qz([...PROPOSE, 'area', ...told]);
    expect(drafted.code, drafted.err).toBe(0);
    expect((await stat(rig.at('area.yaml'))).mode & 0o777).toBe(0o644);
    await rig.signIn('editor');
    const published = await rig.qz(['catalog', 'publish', 'area.yaml']);
    expect(published.code, published.err).toBe(0);
  });

  it('says what keeps a draft from being published, as publishing does', async () => {
    const { code } = await rig.qz([...PROPOSE, 'firm', '--out', 'firm.yaml']);
    expect(code).toBe(0);
    const text = await readFile(rig.at('firm.yaml'), 'utf8');
    expect(text).toMatch(/# To be corrected before it can be published:\n# - .*sharingCondition/);
    await rig.signIn('editor');
    const refused = await rig.json(['catalog', 'publish', 'firm.yaml']);
    expect(refused).toMatchObject({ code: 8, answer: { error: { code: 'QZ_PLATFORM_CATALOG_REFUSED' } } });
    const condition = ['--condition', '用于企业登记信息核验', '--out', 'firm2.yaml'];
    expect((await rig.qz([...PROPOSE, 'firm', ...condition])).code).toBe(0);
    const published = await rig.qz(['catalog', 'publish', 'firm2.yaml']);
    expect(published.code, published.err).toBe(0);
  });

  it.each([
    ['a table that is not there', ['none'], 5, 'QZ_AGENT_TABLE_UNKNOWN'],
    ['a file that is there', ['area', '--out', 'mz.yaml'], 6, 'QZ_CLI_FILE_EXISTS'],
  ])('%s', async (_, flags, exit, expected) => {
    const { code, answer } = await rig.json<Refusal>([...PROPOSE, ...flags]);
    expect({ code, error: answer.error.code }).toEqual({ code: exit, error: expected });
  });

  it('speaks the language of the person', async () => {
    const { out } = await rig.qz([...PROPOSE, 'person'], { env: { QZ_LANG: 'zh' } });
    expect(out).toMatch(/# 发布前必须改正:/);
    expect(parse(out).code).toBe('person');
  });
});

describeWithPostgres('catalog propose on PostgreSQL', (url) => {
  const query = async (text: string) => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  afterAll(() => query('DROP SCHEMA propose CASCADE'));

  it('takes names, codes and their meanings from comments', async () => {
    await query(`CREATE SCHEMA propose;
      CREATE TABLE propose."户籍 表" (id bigint PRIMARY KEY, xb char(1) NOT NULL, je numeric(12,2), sj timestamp, "o'dd" text);
      COMMENT ON TABLE propose."户籍 表" IS '户籍登记信息';
      COMMENT ON COLUMN propose."户籍 表".xb IS '性别(1男,2女,9未说明)';
      COMMENT ON COLUMN propose."户籍 表".je IS '金额:元';
      INSERT INTO propose."户籍 表" SELECT n, 1 + n % 2, n, now()::timestamp, 'x' FROM generate_series(1, 50) n`);
    const { hostname, port, username, password, pathname } = new URL(url);
    await rig.writeConfig(
      'pg',
      `connectors:\n  civil: { type: postgres, host: ${hostname}, port: ${port}, database: ${pathname.slice(1)}, user: ${username}, password: '\${env:PG_SECRET}' }\n`,
    );
    const args = [
      'catalog',
      'propose',
      '--connector',
      'civil',
      '--table',
      'propose.户籍 表',
      '--config',
      'pg.yaml',
    ];
    const { code, answer } = await rig.json<Proposed>(args, { env: { PG_SECRET: password } });
    expect(code, JSON.stringify(answer)).toBe(0);
    expect(answer.resource).toMatchObject({
      code: 'resource',
      name: '户籍登记信息',
      department: '',
      codeTables: { xb: { 1: '男', 2: '女', 9: '未说明' } },
    });
    expect(itemsOf(answer)).toMatchObject({
      id: { type: 'I', key: true },
      xb: { name: '性别', type: 'C', length: 1, required: true, codeTable: 'xb' },
      je: { name: '金额', type: 'N', precision: 12, scale: 2 },
      sj: { type: 'T' },
      o_dd: { type: 'M' },
    });
    expect(rig.shown()).not.toContain(password);
  });
});
