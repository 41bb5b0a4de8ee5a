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
  after?: string;
  limit?: number;
}) {
  const reader = await town.person('ga', 'consumer');
  const { resources, next } = await reader.call(personRoutes.listCatalog, { query });
  return { codes: resources.map(({ resource }) => resource.code), next };
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
    expect(exactly).toEqual({ codes: all, next: null });
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

it('takes pairs of characters, whatever they are made of', () => {
  expect([...gramsOf('𠮷野家 ab')]).toEqual(['𠮷野', '野家', 'ab']);
  expect([...gramsOf('税 a')]).toEqual([]);
  expect(termsOf('  ＡＢ　社会  社会 ')).toEqual(['ab', '社会']);
});
