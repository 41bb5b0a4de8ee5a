import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import files from '@qianzhi/connector-files';
import type { CatalogItem } from '@qianzhi/model';
import { decodeRows } from '@qianzhi/rows';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OrderedRow } from '../../packages/dataset/src/deliver/ordered-rows.js';
import { createOutputFile } from '../../packages/dataset/src/deliver/output-file.js';
import type { GatheredNotes } from '../../packages/dataset/src/deliver/spellers.js';
import { writeXlsx } from '../../packages/dataset/src/deliver/xlsx.js';
import { resourceOf } from '../fixtures/resource.js';

/** What downloads write as XLSX, read by the connector of files, which shares no code with it. */
const items: readonly Partial<CatalogItem>[] = [
  { column: 'code', name: '代码' },
  { column: 'text', name: '文本', length: 200 },
  { column: 'amount', name: '金额', type: 'N', precision: 20, scale: 2 },
  { column: 'valid', name: '有效', type: 'L' },
];
const resource = resourceOf('firm', items);
const rows: (string | null)[][] = [
  ['0012', '=1+1', '12.50', 't'],
  ['440300199001011234', '<a> & "b"', '-0.05', 'f'],
  ['c', ' blank at both ends ', '123456789012345678.25', null],
  ['d', '_x0041_ and _x', null, 't'],
  ['e', 'two\nlines\tand a tab', '0.00', 'f'],
  ['f', null, '999999999999.99', 't'],
  ['g', '𠮷 \ue000 中', '1.00', 'f'],
];

let folder: string;
let notes: GatheredNotes;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-xlsx-'));
  notes = { neutralised: {}, privateUse: 0, asText: new Set() };
  async function* some() {
    yield rows.map((fields): OrderedRow => ({ place: '', op: 'S', fields }));
  }
  const file = await createOutputFile(join(folder, 'firm.xlsx'));
  const header = resource.items.map(({ name }) => name);
  const options = { items: resource.items, header, changes: false, encoding: 'utf-8', notes } as const;
  // a header and three rows to a sheet
  await writeXlsx(some(), rows.length, options, file, 4);
  await file.end();
  await file.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function readSheet(sheet: number): Promise<(string | null)[][]> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const context = { log, now: () => new Date(), tempDir: folder, timeZone: 'Asia/Shanghai' };
  const signal = AbortSignal.timeout(20_000);
  await using connection = await files.role.open({ path: folder, readOnly: true }, context, signal);
  const columns = Object.fromEntries(resource.items.map(({ column, name }) => [column, name]));
  const defaults = { encoding: 'auto', quote: '"', header: true, emptyIsNull: 'unquoted', headerRow: 1 };
  const source = {
    ...defaults,
    pattern: 'firm.xlsx',
    columns,
    sheet,
    order: 'name',
    complete: { quietSeconds: 0 },
    done: 'keep',
    removals: false,
    doneFolder: 'done',
  };
  await using opened = await connection.source({ resource, strategy: 'snapshot', source }, signal);
  const found: (string | null)[][] = [];
  for await (const block of opened.read(undefined, { blockBytes: 65_536 }, signal)) {
    if (block.kind !== 'rows') continue;
    for (const { fields } of decodeRows(block.bytes)) found.push([...fields]);
  }
  return found;
}

it('goes on in a further sheet where one is full, every value as it was', async () => {
  expect(notes.sheets).toBe(3);
  expect([...(await readSheet(1)), ...(await readSheet(2)), ...(await readSheet(3))]).toEqual(rows);
});

it('says which texts looked like formulas, and which numbers are text', () => {
  expect(notes.neutralised).toEqual({ text: 1 });
  expect([...notes.asText]).toEqual(['amount']);
});
