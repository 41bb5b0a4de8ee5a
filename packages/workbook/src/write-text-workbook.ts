import { looksLikeFormula } from '@qianzhi/model';
import { ZipFile } from 'yazl';
import { type FormSheet, formSheetText } from './form-sheet.js';
import { columnName, sheetEnd, sheetStart, textCell, workbookParts } from './workbook-parts.js';

/** A sheet of texts, for forms and lists that people fill in or print. */
export interface TextSheet {
  /** At most 31 characters, none of `:\/?*[]`. */
  readonly name: string;
  /** By row and column; null and '' leave the cell empty. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** So many rows at the top are headings and stay in sight; 1 unless told. */
  readonly headings?: number;
  /** Widths of the columns in characters; those not named have the program's own. */
  readonly widths?: readonly number[];
}

/** A date that the zip names for each part, so that the same sheets give the same bytes. */
const ANY_DATE = new Date('2000-01-01T00:00:00Z');

/**
 * The bytes of a workbook. Every cell is text, so that codes keep their zeros, and what looks like a formula is marked as text. Same
 * sheets, same bytes. For what fits into memory; a large file of rows is written by the dataset package.
 */
export async function writeTextWorkbook(sheets: readonly TextSheet[]): Promise<Buffer> {
  return writeSheets(sheets.map((sheet) => [sheet.name, sheetText(sheet)]));
}

/** The same for a form that is printed. */
export async function writeFormWorkbook(form: FormSheet): Promise<Buffer> {
  return writeSheets([[form.name, formSheetText(form)]]);
}

async function writeSheets(sheets: readonly (readonly [name: string, text: string])[]): Promise<Buffer> {
  const zip = new ZipFile();
  const failed = new Promise<never>((_resolve, reject) => {
    zip.on('error', reject);
  });
  const add = (path: string, text: string) =>
    zip.addBuffer(Buffer.from(text), path, { mtime: ANY_DATE, forceDosTimestamp: true });
  for (const [path, text] of workbookParts(sheets.map(([name]) => name))) add(path, text);
  sheets.forEach(([, text], at) => {
    add(`xl/worksheets/sheet${at + 1}.xml`, text);
  });
  zip.end();
  const written = (async () => {
    const pieces: Buffer[] = [];
    for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  })();
  return Promise.race([written, failed]);
}

function sheetText({ rows, headings = 1, widths = [] }: TextSheet): string {
  const pane = `<pane ySplit="${headings}" topLeftCell="A${headings + 1}" activePane="bottomLeft" state="frozen"/>`;
  const view = `<sheetViews><sheetView workbookViewId="0">${headings > 0 ? pane : ''}</sheetView></sheetViews>`;
  const columns = widths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  const head = view + (columns.length > 0 ? `<cols>${columns.join('')}</cols>` : '');
  const text = rows.map((row, at) => {
    const number = at + 1;
    const cells = row.map((value, column) =>
      value === null || value === ''
        ? ''
        : textCell(columnName(column), number, value, at < headings ? 3 : looksLikeFormula(value) ? 2 : 1),
    );
    return `<row r="${number}">${cells.join('')}</row>`;
  });
  return sheetStart(head) + text.join('') + sheetEnd;
}
