import { Readable } from 'node:stream';
import { type CatalogItem, looksLikeFormula } from '@qianzhi/model';
import { columnName, sheetEnd, sheetStart, textCell, workbookParts } from '@qianzhi/workbook';
import { ZipFile } from 'yazl';
import { JobFailure } from '../failure.js';
import type { OrderedRow } from './ordered-rows.js';
import type { OutputFile } from './output-file.js';
import type { SpellerOptions } from './spellers.js';

/** Rows of a sheet, its header among them: the limit of the format. */
export const SHEET_ROWS = 1_048_576;
const CELL_CHARACTERS = 32_767;
/** Digits a spreadsheet keeps of a number. */
const EXACT_DIGITS = 15;
const LEVEL = 1;

/**
 * A workbook with as many sheets as the rows need. Texts are cells of text, so that leading zeros and long numbers stay; numbers are
 * numbers as far as a spreadsheet keeps all their digits. A text that looks like a formula is marked as text by its style
 * (`quotePrefix`); its value is unchanged.
 */
export async function writeXlsx(
  rows: AsyncIterable<readonly OrderedRow[]>,
  total: number,
  options: SpellerOptions,
  file: OutputFile,
  sheetRows = SHEET_ROWS,
): Promise<void> {
  const sheets = Math.max(1, Math.ceil(total / (sheetRows - 1)));
  options.notes.sheets = sheets;
  const zip = new ZipFile();
  const failed = new Promise<never>((_resolve, reject) => {
    zip.on('error', reject);
  });
  const names = Array.from({ length: sheets }, (_, index) => `数据${index + 1}`);
  for (const [path, text] of workbookParts(names)) zip.addBuffer(Buffer.from(text), path);
  const source = rowSource(rows);
  for (let sheet = 1; sheet <= sheets; sheet++) {
    const pieces = sheetPieces(source, sheetRows - 1, options);
    const stream = Readable.from(pieces, { objectMode: false, highWaterMark: 64 * 1024 });
    stream.on('error', (error) => zip.emit('error', error));
    zip.addReadStream(stream, `xl/worksheets/sheet${sheet}.xml`, { compressionLevel: LEVEL });
  }
  zip.end();
  const written = (async () => {
    for await (const piece of zip.outputStream) await file.write(piece as Buffer);
  })();
  await Promise.race([written, failed]);
}

interface RowSource {
  /** At most `room` of the next rows; none at the end. */
  take(room: number): Promise<readonly OrderedRow[]>;
}

function rowSource(rows: AsyncIterable<readonly OrderedRow[]>): RowSource {
  const iterator = rows[Symbol.asyncIterator]();
  let held: readonly OrderedRow[] = [];
  return {
    async take(room) {
      while (held.length === 0) {
        const next = await iterator.next();
        if (next.done) return [];
        held = next.value;
      }
      const taken = held.slice(0, room);
      held = held.slice(room);
      return taken;
    },
  };
}

async function* sheetPieces(
  source: RowSource,
  room: number,
  options: SpellerOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { items, header, changes } = options;
  const names = header.map((_, at) => columnName(at));
  const cells = items.map((item) => cellOf(item, options));
  const first = changes ? 1 : 0;
  yield Buffer.from(
    sheetStart() + rowOf(1, header.map((name, at) => textCell(names[at]!, 1, name, 1)).join('')),
  );
  let number = 1;
  for (let left = room; left > 0; ) {
    const rows = await source.take(left);
    if (rows.length === 0) break;
    left -= rows.length;
    let text = '';
    for (const { op, fields } of rows) {
      number++;
      let row = changes ? textCell('A', number, op === 'D' ? 'D' : 'U', 1) : '';
      for (let at = 0; at < fields.length; at++) {
        const value = fields[at]!;
        if (value !== null) row += cells[at]!(names[at + first]!, number, value);
      }
      text += rowOf(number, row);
    }
    yield Buffer.from(text);
  }
  yield Buffer.from(sheetEnd);
}

const rowOf = (number: number, cells: string) => `<row r="${number}">${cells}</row>`;

type Cell = (column: string, row: number, value: string) => string;

function cellOf(item: CatalogItem, { notes }: SpellerOptions): Cell {
  if (item.type === 'L')
    return (column, row, value) => `<c r="${column}${row}" t="b"><v>${value === 't' ? 1 : 0}</v></c>`;
  if ('INYBF'.includes(item.type)) {
    return (column, row, value) => {
      if (isExact(value)) return `<c r="${column}${row}"><v>${value}</v></c>`;
      notes.asText.add(item.column);
      return textCell(column, row, value, 1);
    };
  }
  return (column, row, value) => {
    if (value.length > CELL_CHARACTERS)
      throw new JobFailure('CELL_TOO_LONG', { column: item.column, characters: value.length });
    if (!looksLikeFormula(value)) return textCell(column, row, value, 1);
    notes.neutralised[item.column] = (notes.neutralised[item.column] ?? 0) + 1;
    return textCell(column, row, value, 2);
  };
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

function isExact(value: string): boolean {
  if (!NUMBER.test(value)) return false;
  const [digits = ''] = value.split(/[eE]/);
  return digits.replace(/[-.]/g, '').replace(/^0+/, '').length <= EXACT_DIGITS;
}
