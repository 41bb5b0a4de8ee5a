import type { FileHandle } from 'node:fs/promises';
import {
  type CellValue,
  openPackage,
  type PackageFile,
  readTexts,
  readWorkbook,
  type SheetTexts,
  sheetRows,
  type Workbook,
  type WorkbookFaults,
} from '@qianzhi/workbook';
import type { FilesSource } from '../../config.js';
import { filesErrors } from '../../errors.js';
import type { Place, RecordTaker, TableFile } from '../table-file.js';

/** Opens one sheet of an XLSX file. Of the file only the shared texts are in memory, its rows are streamed. */
export async function openXlsx(
  file: FileHandle,
  path: string,
  spec: FilesSource,
  signal: AbortSignal,
): Promise<TableFile> {
  const source = await openPackage(file, faultsOf(path));
  const workbook = await readWorkbook(source, signal);
  const sheet = sheetOf(workbook, spec, path);
  const texts = await readTexts(source, workbook, signal);
  const first = spec.header ? await rowAt(source, sheet.part, texts, spec.headerRow, signal) : undefined;
  if (spec.header && first === undefined) throw filesErrors.HEADER_MISSING({ path });
  const width = spec.header
    ? namesOf(first!).length
    : Math.max(1, await widthOf(source, sheet.part, texts, signal));
  const names = first ? namesOf(first) : Array.from({ length: width }, (_, at) => String(at + 1));
  const begin = spec.header ? spec.headerRow : 0;
  return {
    columns: names.map((name) => ({ name })),
    about: `XLSX, ${sheet.name}`,
    records: (taker, from, signal) =>
      records(sheetRows(source, sheet.part, texts, signal), taker, width, from?.offset ?? begin),
    close: () => file.close(),
  };
}

function faultsOf(path: string): WorkbookFaults {
  return {
    damaged: (problem) => filesErrors.DAMAGED({ path, format: 'XLSX', problem }),
    tooLarge: (what, mebibytes) => filesErrors.TOO_LARGE({ path, what: { ...what }, mebibytes }),
  };
}

function sheetOf({ sheets }: Workbook, { sheet = 1 }: FilesSource, path: string) {
  const found = typeof sheet === 'number' ? sheets[sheet - 1] : sheets.find(({ name }) => name === sheet);
  if (!found)
    throw filesErrors.SHEET_MISSING({ path, sheet, sheets: sheets.map(({ name }) => name).join(', ') });
  return found;
}

async function rowAt(
  source: PackageFile,
  part: string,
  texts: SheetTexts,
  wanted: number,
  signal: AbortSignal,
): Promise<readonly CellValue[] | undefined> {
  for await (const rows of sheetRows(source, part, texts, signal)) {
    const found = rows.find(({ number }) => number >= wanted);
    if (found) return found.number === wanted && namesOf(found.cells).length > 0 ? found.cells : undefined;
  }
  return undefined;
}

/** Without a header the first rows tell how many columns there are. */
async function widthOf(
  source: PackageFile,
  part: string,
  texts: SheetTexts,
  signal: AbortSignal,
): Promise<number> {
  for await (const rows of sheetRows(source, part, texts, signal)) {
    return rows.reduce((width, { cells }) => Math.max(width, cells.length), 0);
  }
  return 0;
}

/** Up to the last cell that holds a name. */
function namesOf(cells: readonly CellValue[]): string[] {
  const names = Array.from(cells, (cell) => (cell ?? '').trim());
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1);
}

async function* records(
  pieces: AsyncIterable<readonly { readonly number: number; readonly cells: readonly CellValue[] }[]>,
  taker: RecordTaker,
  width: number,
  behind: number,
): AsyncGenerator<Place> {
  for await (const rows of pieces) {
    for (const { number, cells } of rows) {
      if (number <= behind) continue;
      const values = Array.from({ length: width }, (_, at) => (at in cells ? cells[at] : null));
      // rows that only have a format are no rows
      if (values.every((value) => value === null)) continue;
      taker.values(values, number);
      if (taker.full) yield { offset: number, skip: 0, line: number + 1 };
    }
  }
}
