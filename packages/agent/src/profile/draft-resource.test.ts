import type { ColumnDescription, TableDescription } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { countColumn } from './column-profile.js';
import { draftResource } from './draft-resource.js';
import { draftYaml } from './draft-yaml.js';

const column = (name: string, more: Partial<ColumnDescription> = {}): ColumnDescription => ({
  name,
  comment: null,
  nativeType: 'varchar(30)',
  type: 'C',
  length: 30,
  precision: null,
  scale: null,
  nullable: true,
  ...more,
});
const tableOf = (
  columns: readonly ColumnDescription[],
  more: Partial<TableDescription> = {},
): TableDescription => ({
  schema: null,
  table: 'T Person',
  kind: 'table',
  rows: null,
  comment: null,
  columns,
  primaryKey: [],
  ...more,
});
const profileOf = (values: readonly string[]) => {
  const counter = countColumn();
  for (const value of values) counter.add(value);
  return counter.result();
};

describe('a draft of a resource', () => {
  it('names what nobody has explained by what it holds, and says that it guessed', () => {
    const columns = [column('sfzh'), column('xm'), column('x1'), column('mc', { comment: '名称:全称' })];
    const { items } = draftResource(tableOf(columns), new Map(), {});
    expect(items.map(({ item }) => item.name)).toEqual(['公民身份号码', '姓名', 'x1', '名称']);
    expect(items.map(({ notes }) => notes[0]?.en)).toEqual([
      'its name is a guess',
      'its name is a guess',
      'give it a name',
      undefined,
    ]);
  });

  it('proposes keys where the table has none', () => {
    const columns = [column('a'), column('b')];
    const profiles = new Map([
      ['a', profileOf(['1', '2', '3'])],
      ['b', profileOf(['1', '1', '2'])],
    ]);
    const { notes, findings } = draftResource(tableOf(columns), profiles, {});
    expect(notes.map(({ en }) => en)).toContainEqual(
      'key: the table has none; columns without a repeat in the sample: a',
    );
    expect(findings.map(({ code }) => code)).toContain('NO_KEY');
  });

  it('takes nothing of a file for a rule: lengths get room, numbers that name somebody are texts', () => {
    const columns = [
      column('名称', { length: 4, nullable: false }),
      column('手机', { type: 'I', length: null }),
      column('统一社会信用代码', { type: 'C', length: 18 }),
      column('数量', { type: 'I', length: null }),
    ];
    const profiles = new Map([['手机', profileOf(['13800138000'])]]);
    const file = tableOf(columns, { kind: 'file', table: 'shops_20260101.csv', comment: 'CSV, gb18030, ,' });
    const { resource } = draftResource(file, profiles, {});
    expect([resource.code, resource.name]).toEqual(['shops', 'shops']);
    expect(resource.items.map(({ type, length, required }) => [type, length, required])).toEqual([
      ['C', 10, undefined],
      ['C', 50, undefined],
      ['C', 18, undefined],
      ['I', undefined, undefined],
    ]);
  });

  it('has names that differ, and columns that are names', () => {
    const columns = [
      column('a"b', { comment: '名称' }),
      column("a'b", { comment: '名称' }),
      column('户籍\n地址', { comment: '# 地址\n第二行' }),
    ];
    const draft = draftResource(tableOf(columns, { primaryKey: ['a"b'] }), new Map(), { code: 'c' });
    expect(draft.resource.items.map((item) => [item.name, item.column])).toEqual([
      ['名称', 'a_b'],
      ['名称_2', 'a_b_2'],
      ['# 地址', '户籍_地址'],
    ]);
    expect(draft.findings.filter(({ code }) => code.startsWith('DUPLICATE'))).toEqual([]);
  });

  it('is the same once it is a file, whatever stands in names and comments', () => {
    const columns = [
      column('a: b #c', { comment: '名: 称 # {x}' }),
      column('- x', { type: null }),
      column('no', { type: 'I' }),
    ];
    const draft = draftResource(tableOf(columns, { comment: '*表\n# 注' }), new Map(), { department: 'mz' });
    for (const language of ['zh', 'en'] as const) {
      const { schemaVersion, summary, ...shown } = draft.resource;
      expect(parse(draftYaml(draft, language))).toEqual(shown);
      expect([schemaVersion, summary]).toEqual([1, '']);
    }
  });
});
