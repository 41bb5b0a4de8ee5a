import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dateOf, isDateFormat, numberText } from '@qianzhi/workbook';
import { describe, expect, it } from 'vitest';
import { openSite, readAll, resourceOf, type Site } from './test/site.js';

/** Written by openpyxl 3.1.5, XlsxWriter 3.2.9 and exceljs 4.4.0: see the README. */
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const table = resourceOf(
  { column: 'id', type: 'C', length: 20, key: true, required: true },
  { column: 'name', type: 'C', length: 200 },
  { column: 'amount', type: 'N', precision: 12, scale: 2 },
  { column: 'count', type: 'I' },
  { column: 'born', type: 'D' },
  { column: 'seen', type: 'T' },
  { column: 'active', type: 'L' },
  { column: 'note', type: 'C', length: 200 },
);

function put(site: Site, name: string): void {
  copyFileSync(fixture(name), join(site.folder, 'a.xlsx'));
}

const spec = { pattern: 'a.xlsx' };

describe('xlsx', () => {
  it.each(['openpyxl.xlsx', 'xlsxwriter.xlsx'])('%s: every value as it was entered', async (name) => {
    using site = openSite();
    put(site, name);
    const { rows, rejected } = await readAll(await site.source(spec, table));
    expect(rejected).toEqual([]);
    // the two write an empty text and an escape that was entered as text in their own ways
    // the second writes day 0 for 1 January 1900, which is no date: the validator refuses it
    const [empty, entered, firstDay] =
      name === 'openpyxl.xlsx' ? [null, '\r', '1900-01-01'] : ['', '_x000D_', '00:00:00'];
    expect(rows).toEqual([
      ['S', '001', '䶮', '1.10', '42', '2026-01-02', '2026-01-02 03:04:05', 't', 'a\nb'],
      ['S', '002', '𠮷野家', '0.30', '9007199254740991', '1900-03-01', '9999-12-31 23:59:59', 'f', ' x '],
      ['S', '003', empty, '-1234.50', '0', firstDay, '2026-03-29 02:30:00.5', null, null],
      ['S', '004', '张三', null, null, null, null, null, entered],
    ]);
  });

  it('exceljs.xlsx: days from 1904, rich text, an error in a cell', async () => {
    using site = openSite();
    put(site, 'exceljs.xlsx');
    const source = await site.source(spec, table);
    const { rows, rejected } = await readAll(source);
    expect(rows).toEqual([
      ['S', '001', '䶮', '1.10', '42', '2026-01-02', '2026-01-02 03:04:05', 't', 'a\nb'],
      ['S', '002', '𠮷野家', '0.30', '9007199254740991', '1904-03-01', '9999-12-31 23:59:59', 'f', ' x '],
    ]);
    expect(rejected).toEqual([{ reason: 'type', item: 'name' }]);
    expect(source.notices()[0]?.details.lines).toBe('4');
  });

  it('goes on behind any row', async () => {
    using site = openSite();
    put(site, 'xlsxwriter.xlsx');
    const { blocks, rows } = await readAll(await site.source(spec, table), undefined, { blockBytes: 1 });
    expect(blocks.length).toBe(5);
    for (const [at, { checkpoint }] of blocks.slice(0, -1).entries()) {
      const rest = await readAll(await site.source(spec, table), checkpoint);
      expect(rest.rows).toEqual(rows.slice(at + 1));
    }
  });

  it('names the sheets there are, and what is no XLSX', async () => {
    using site = openSite();
    put(site, 'openpyxl.xlsx');
    await expect(site.source({ ...spec, sheet: '没有' }, table)).rejects.toThrow(/数据, other/);
    await expect(site.source({ ...spec, sheet: 2 }, table)).rejects.toMatchObject({
      code: 'QZ_FILES_COLUMN_MISSING',
    });
    await expect(site.source({ ...spec, headerRow: 90 }, table)).rejects.toMatchObject({
      code: 'QZ_FILES_HEADER_MISSING',
    });
    site.put('a.xlsx', readFileSync(fixture('openpyxl.xlsx')).subarray(0, 3000));
    await expect(site.source(spec, table)).rejects.toMatchObject({ code: 'QZ_FILES_DAMAGED' });
    site.put('a.xlsx', 'id,name\n');
    await expect(site.source(spec, table)).rejects.toMatchObject({ code: 'QZ_FILES_DAMAGED' });
  });
});

describe('numbers and dates of cells', () => {
  it.each([
    ['1.1000000000000001', '1.1'],
    ['0.30000000000000004', '0.3'],
    ['9007199254740991', '9007199254740991'],
    ['1E-7', '1e-7'],
    ['-0', '0'],
    ['1.0', '1'],
    ['110101199001011234', '110101199001011000'],
    ['x', 'x'],
  ])('%s is %s', (stored, text) => {
    expect(numberText(stored)).toBe(text);
  });

  it.each([
    [1, false, '1900-01-01'],
    [59, false, '1900-02-28'],
    [60, false, undefined],
    [61, false, '1900-03-01'],
    [46024, false, '2026-01-02'],
    [46024.25, false, '2026-01-02 06:00:00'],
    [46024.1278356481, false, '2026-01-02 03:04:05'],
    [46024.999999999, false, '2026-01-03'],
    [0.5, false, '12:00:00'],
    [0, true, '1904-01-01'],
    [2958465, false, '9999-12-31'],
    [2958467, false, undefined],
    [-1, false, undefined],
    [Number.NaN, false, undefined],
  ])('day %s (1904: %s) is %s', (serial, from1904, text) => {
    expect(dateOf(serial, from1904)).toBe(text);
  });

  it.each([
    [14, undefined, true],
    [31, undefined, true],
    [2, undefined, false],
    [164, 'yyyy"年"m"月"d"日"', true],
    [164, '[$-804]yyyy/m/d;@', true],
    [164, '0.00_ ;[Red]\\-0.00', false],
    [164, '"day "0', false],
    [164, '[h]:mm', false],
    [164, 'General', false],
    [164, '#,##0.00\\ "元"', false],
  ])('format %s %s shows a date: %s', (id, code, expected) => {
    expect(isDateFormat(id, code)).toBe(expected);
  });
});
