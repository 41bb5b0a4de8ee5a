import { expect, it } from 'vitest';
import type { ListEntry } from '../lists.js';
import { listSheet, readList } from './list-template.js';
import type { SheetGrid } from './read-sheet.js';
import type { TemplateSheet } from './write-template.js';

const gridOf = ({ name, rows }: TemplateSheet): SheetGrid => ({
  name,
  // as a workbook has it: empty cells are not there
  rows: rows.map((cells, at) => {
    const there: (string | null)[] = [];
    for (const [place, cell] of cells.entries()) if (cell !== null) there[place] = cell;
    return { number: at + 1, cells: there };
  }),
});
const entries: ListEntry[] = [
  { name: '社会团体名录', provider: 'mz', matter: '税收核验', items: ['名称', '法定代表人'] },
  { name: '内部备注', resource: 'social_group', basis: '某法第三条', note: '=1+1' },
];

it('R018 kept: a list comes back from its sheet as it was', () => {
  const sheet = listSheet('demand', [{ department: 'sw', entries }]);
  expect(sheet.name).toBe('需求清单');
  const { entries: read, findings } = readList([gridOf(sheet)]);
  expect(findings).toEqual([]);
  expect(read.map(({ entry, row }) => [row, entry])).toEqual([
    [2, entries[0]],
    [3, entries[1]],
  ]);
});

it('lists of several departments say which each line is of', () => {
  const lists = ['mz', 'sw'].map((department) => ({ department, entries: [entries[1]!] }));
  const [titles, ...rows] = listSheet('negative', lists).rows;
  expect(titles?.[0]).toBe('部门');
  expect(rows.map(([department]) => department)).toEqual(['mz', 'sw']);
});

it('R018 broken: everything wrong is told with its cell, in both languages', () => {
  const rows = [
    ['信息名称', '资源代码', '依据', '说明'],
    [null, 'social_group', '某法', null],
    ['甲', 'No Such Code', null, null],
    ['乙'.repeat(201), null, null, null],
    ['丙', undefined, null, null],
  ];
  const sheet = { name: '清单', rows: rows.map((cells, at) => ({ number: at + 1, cells })) };
  const { entries: read, findings } = readList([sheet]);
  expect(read).toEqual([]);
  expect(findings.map(({ code, cell }) => `${code} ${cell}`)).toEqual([
    'COLUMN_UNKNOWN D1',
    'CELL_ERROR B5',
    'ROW_INCOMPLETE A2',
    'CELL_WRONG B3',
    'CELL_WRONG A4',
  ]);
  expect(findings.every(({ texts }) => texts.zh !== '' && texts.en !== '')).toBe(true);
  expect(readList([{ name: 'x', rows: [{ number: 1, cells: ['代码'] }] }]).findings).toMatchObject([
    { code: 'LIST_SHEET_MISSING', sheet: 'x', cell: 'A1' },
  ]);
});
