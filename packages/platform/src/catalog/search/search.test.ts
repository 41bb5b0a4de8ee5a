import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBeside } from '../../database/test-database.js';
import {
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { findCodes } from './find-codes.js';
import { fillIndex } from './index-text.js';
import { gramsOf, termsOf } from './search-text.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  const [uscc] = socialGroup().items;
  await put({ code: 'a-group', name: '社会团体登记信息' });
  await put({ code: 'b-fund', name: '基金会 登记信息', sharing: 'conditional' });
  await put({
    code: 'c-permit',
    name: 'ＡＢＣ许可',
    summary: '行政许可\n事项',
    attribute: 'theme',
    items: [uscc!],
  });
  await put({ code: 'd-tax', name: '纳税信用', department: 'sw', attribute: 'basic' });
});
afterAll(() => platform.remove());

async function put(change: Parameters<typeof socialGroup>[0] & { code: string }) {
  const body = socialGroup(change);
  const editor = await town.person(body.department, 'catalog-editor');
  await editor.call(personRoutes.publishCatalog, { params: { code: body.code }, body });
}

type Query = Parameters<typeof list>[0];
async function list(query: {
  text?: string;
  department?: string;
  sharing?: 'unconditional' | 'conditional' | 'none';
  attribute?: 'basic' | 'theme' | 'department';
  kind?: 'project';
  theme?: string;
  classification?: string;
  project?: 'pre-compiled' | 'registered' | 'late';
  withdrawn?: boolean;
  after?: string;
  limit?: number;
}) {
  const reader = await town.person('ga', 'consumer');
  const { resources, next } = await reader.call(personRoutes.listCatalog, { query });
  const withdrawn = resources.filter((one) => one.withdrawn).map(({ resource }) => resource.code);
  return { codes: resources.map(({ resource }) => resource.code), withdrawn, next };
}
const found = async (query: Query) => (await list(query)).codes.join(' ');

describe('search', () => {
  it.each([
    ['团体', 'a-group'],
    ['登记', 'a-group b-fund'],
    ['税', 'd-tax'],
    ['登记 基金', 'b-fund'],
    ['会登', ''],
    ['团社', ''],
    ['abc', 'c-permit'],
    ['ＡＢＣ许', 'c-permit'],
    ['许可 事项', 'c-permit'],
    ['法定代表', 'a-group b-fund d-tax'],
    ['LEGAL_person', 'a-group b-fund d-tax'],
    ['_group', ''],
    ['', 'a-group b-fund c-permit d-tax'],
  ])('%s finds %s', async (text, codes) => {
    expect(await found({ text })).toBe(codes);
  });

  it('holds with filters, each of them and together', async () => {
    expect(await found({ department: 'sw' })).toBe('d-tax');
    expect(await found({ sharing: 'conditional' })).toBe('b-fund');
    expect(await found({ attribute: 'theme' })).toBe('c-permit');
    expect(await found({ attribute: 'basic', text: '法定', department: 'sw' })).toBe('d-tax');
    expect(await found({ attribute: 'basic', text: '法定', department: 'mz' })).toBe('');
  });

  it('R011 R014 finds by theme, classification, kind and stage of a project, withdrawn or not', async () => {
    await put({
      code: 'f-health',
      attribute: 'theme',
      lead: 'sw',
      theme: '健康保障',
      classification: '2030001',
    });
    const name = '审批结果';
    const project = { name: '审批平台', stage: 'pre-compiled' as const, acceptanceDue: '2020-01-10' };
    await put({ code: 'g-late', name, kind: 'project', project });
    await put({
      code: 'h-open',
      name,
      kind: 'project',
      project: { ...project, acceptanceDue: '2999-01-10' },
    });
    await put({
      code: 'i-done',
      name,
      kind: 'project',
      project: { ...project, stage: 'registered', number: 'A1', acceptedOn: '2020-01-09' },
    });
    const admin = await town.person('mz', 'department-admin');
    await admin.call(personRoutes.withdrawCatalog, {
      params: { code: 'i-done' },
      body: { reason: '停办', liveAgreements: 'run-out' },
    });
    expect(await found({ theme: '健康保障' })).toBe('f-health');
    expect(await found({ theme: '健康' })).toBe('');
    expect(await found({ classification: '203' })).toBe('f-health');
    expect(await found({ classification: '3' })).toBe('');
    expect(await found({ kind: 'project', withdrawn: false })).toBe('g-late h-open');
    expect(await found({ project: 'pre-compiled' })).toBe('g-late h-open');
    expect(await found({ project: 'late' })).toBe('g-late');
    expect(await found({ project: 'registered' })).toBe('i-done');
    expect(await found({ withdrawn: true })).toBe('i-done');
    expect((await list({})).withdrawn).toEqual(['i-done']);
    await put({ code: 'i-done', name: '其他' });
    expect(await found({ withdrawn: true })).toBe('');
  });

  it('knows new words and forgets old ones with the publication that changes them', async () => {
    await put({ code: 'e-name', name: '殡葬服务机构' });
    expect(await found({ text: '殡葬' })).toBe('e-name');
    await put({ code: 'e-name', name: '养老服务机构' });
    expect(await found({ text: '殡葬' })).toBe('');
    expect(await found({ text: '养老 机构' })).toBe('e-name');
    await put({ code: 'e-name', name: '其他', department: 'mz' });
  });

  it('gives pages without gap or repeat, and all at once to who names no limit', async () => {
    const all = (await list({})).codes;
    expect(all.length).toBeGreaterThan(3);
    expect((await list({})).next).toBeNull();
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { codes, next } = await list({ limit: 2, ...(after !== undefined && { after }) });
      expect(codes.length).toBeLessThanOrEqual(2);
      seen.push(...codes);
      if (next == null) break;
      expect(codes.at(-1)).toBe(next);
      after = next;
    }
    expect(seen).toEqual(all);
    const exactly = await list({ limit: all.length });
    expect(exactly).toMatchObject({ codes: all, next: null });
    await expect(list({ limit: 501 })).rejects.toMatchObject({ kind: 'data' });
  });
});

describe('the index', () => {
  it('is filled for what was published before it or restored without it, and only for that', async () => {
    const db = await openBeside(platform.dataDir);
    try {
      const held = async () =>
        (await db('resource_grams').orderBy(['gram', 'code'])).map(({ gram, code }) => `${gram} ${code}`);
      const before = await held();
      await db('resource_grams').where({ code: 'a-group' }).delete();
      await db('resources')
        .where({ code: 'a-group' })
        .update({ attribute: null, sharing: null, search: 'a-group' });
      await fillIndex(db);
      expect(await held()).toEqual(before);
      await fillIndex(db);
      expect(await held()).toEqual(before);
    } finally {
      await db.destroy();
    }
    expect(await found({ text: '团体', attribute: 'department', sharing: 'unconditional' })).toBe('a-group');
  });
});

it('finds exactly what is there where thousands have each pair, and few or none have them together', async () => {
  const db = await openBeside(platform.dataDir);
  try {
    const rows = Array.from({ length: 2_200 }, (_, at) => ({
      code: `z${String(at).padStart(4, '0')}`,
      department: 'mz',
      revision: 1,
      search: at === 7 ? '水库移民安置' : at === 8 ? '移民安置\n水库' : '移民水库\n安置移民',
    }));
    await db.transaction(async (trx) => {
      for (let at = 0; at < rows.length; at += 80) {
        const some = rows.slice(at, at + 80);
        await trx('resources').insert(some);
        const grams = some.flatMap(({ code, search }) =>
          [...gramsOf(search)].map((gram) => ({ gram, code })),
        );
        await trx('resource_grams').insert(grams);
      }
    });
    const find = (text: string) => findCodes(db, { text }, '2026-01-01');
    expect(await find('水库移民')).toEqual(['z0007']);
    expect(await find('移民安置')).toEqual(['z0007', 'z0008']);
    expect(await find('移民 水库')).toHaveLength(2_200);
    expect(await find('安置移民')).toHaveLength(2_198);
    expect(await find('安置 库移')).toEqual(['z0007']);
    expect(await find('置水')).toEqual([]);
    expect(await find('安置水库')).toEqual([]);
  } finally {
    await db.destroy();
  }
});

it('indexes an entry of many items, whose pairs and names are more than one statement takes', async () => {
  const [key] = socialGroup().items;
  const more = Array.from({ length: 600 }, (_, at) => ({
    name: `指标${String.fromCodePoint(0x4e00 + at)}`,
    column: `c${at}`,
    type: 'I' as const,
  }));
  await put({ code: 'wide', name: '宽表', items: [key!, ...more] });
  expect(await found({ text: `标${String.fromCodePoint(0x4e00 + 599)}` })).toBe('wide');
});

it('takes pairs of characters, whatever they are made of', () => {
  expect([...gramsOf('𠮷野家 ab')]).toEqual(['𠮷野', '野家', 'ab']);
  expect([...gramsOf('税 a')]).toEqual([]);
  expect(termsOf('  ＡＢ　社会  社会 ')).toEqual(['ab', '社会']);
});
