import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { formSheetText } from './form-sheet.js';
import { openPackage } from './package-file.js';
import { readTexts } from './read-texts.js';
import { type SheetRow, sheetRows } from './sheet-rows.js';
import { readWorkbook } from './workbook.js';
import { sheetEnd, sheetStart, workbookParts } from './workbook-parts.js';
import { writeFormWorkbook, writeTextWorkbook } from './write-text-workbook.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-workbook-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const faults = {
  damaged: ({ en }: { en: string }) => new Error(`damaged: ${en}`),
  tooLarge: () => new Error('too large'),
};

async function read(bytes: Uint8Array) {
  const path = join(folder, 'book.xlsx');
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    const source = await openPackage(file, faults);
    const workbook = await readWorkbook(source, signal);
    const texts = await readTexts(source, workbook, signal);
    const sheets: Record<string, SheetRow[]> = {};
    for (const { name, part } of workbook.sheets) {
      sheets[name] = [];
      for await (const rows of sheetRows(source, part, texts, signal)) sheets[name].push(...rows);
    }
    return { sheets, macros: source.macros, unpackedBytes: source.unpackedBytes };
  } finally {
    await file.close();
  }
}

async function zipOf(parts: Iterable<readonly [path: string, text: string]>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, text] of parts) zip.addBuffer(Buffer.from(text), path);
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('a workbook of texts', () => {
  it('gives back every text as it was: zeros, formulas, line ends, control characters, quotes in a name', async () => {
    const rows = [
      ['代码', '名称'],
      ['007', '=1+1'],
      [null, ' a\nb\t<&> "x" '],
      ['_x000D_', '\u0001'],
    ];
    const bytes = await writeTextWorkbook([
      { name: '信息"项"', rows, widths: [10] },
      { name: '空', rows: [] },
    ]);
    const { sheets, macros } = await read(bytes);
    expect(Object.keys(sheets)).toEqual(['信息"项"', '空']);
    const cells = sheets['信息"项"']!.map((row) =>
      Array.from({ length: 2 }, (_, at) => row.cells[at] ?? null),
    );
    expect(cells).toEqual(rows);
    expect(sheets['信息"项"']!.every(({ formulas }) => formulas === undefined)).toBe(true);
    expect(macros).toBe(false);
    expect(await writeTextWorkbook([{ name: 'a', rows }])).toEqual(
      await writeTextWorkbook([{ name: 'a', rows }]),
    );
  });
});

describe('a printed form', () => {
  it('fills its columns with merged cells of text, high enough for them, upright on A4', async () => {
    const bytes = await writeFormWorkbook({
      name: '申请表',
      widths: [10, 20, 20],
      rows: [
        { cells: [{ as: 'title', text: '申请表', span: 3 }] },
        {
          cells: [
            { as: 'label', text: '依据', span: 1 },
            { as: 'value', text: '=1+1', span: 2 },
          ],
        },
        { cells: [{ as: 'value', text: '条'.repeat(100), span: 3 }], lines: 2 },
      ],
    });
    const { sheets } = await read(bytes);
    expect(sheets.申请表!.map(({ cells }) => cells.filter((cell) => cell != null))).toEqual([
      ['申请表'],
      ['依据', '=1+1'],
      ['条'.repeat(100)],
    ]);
    expect(sheets.申请表!.every(({ formulas }) => formulas === undefined)).toBe(true);
    const text = formSheetText({
      name: '申请表',
      widths: [10, 20],
      rows: [{ cells: [{ as: 'value', text: '条'.repeat(100), span: 2 }] }],
    });
    expect(text).toContain('<mergeCell ref="A1:B1"/>');
    expect(text).toContain('paperSize="9" orientation="portrait"');
    expect(text).toContain(`ht="${Math.ceil(220 / 30) * 16 + 6}"`);
  });
});

describe('what others wrote', () => {
  it('says which cells a formula fills, shared ones too', async () => {
    const row =
      '<row r="3"><c r="A3"><v>1</v></c><c r="C3"><f>A3+1</f><v>2</v></c><c r="D3"><f t="shared" si="0"/><v>3</v></c></row><row r="4"><c r="A4"><v>5</v></c></row>';
    const sheet = ['xl/worksheets/sheet1.xml', sheetStart() + row + sheetEnd] as const;
    const { sheets } = await read(await zipOf([...workbookParts(['a']), sheet]));
    expect(sheets.a).toEqual([
      { number: 3, cells: ['1', undefined, '2', '3'], formulas: [2, 3] },
      { number: 4, cells: ['5'] },
    ]);
  });

  it('says that it carries macros, and how large it is unpacked', async () => {
    const sheet = ['xl/worksheets/sheet1.xml', sheetStart() + sheetEnd] as const;
    const plain = await zipOf([...workbookParts(['a']), sheet]);
    const vba = await zipOf([...workbookParts(['a']), sheet, ['xl/vbaProject.bin', 'x'.repeat(1000)]]);
    const [without, with_] = [await read(plain), await read(vba)];
    expect([without.macros, with_.macros]).toEqual([false, true]);
    expect(with_.unpackedBytes - without.unpackedBytes).toBe(1000);
  });

  it('is refused in the words of the reader where it is no workbook', async () => {
    await expect(read(Buffer.from('name,code\n'))).rejects.toThrow('damaged: no sound XLSX');
    await expect(read(await zipOf([['a.txt', 'a']]))).rejects.toThrow('damaged');
  });
});
