import { looksLikeFormula } from '@qianzhi/model';
import { columnName, sheetStart, textCell } from './workbook-parts.js';

/** A cell of a printed form, over so many columns. */
export interface FormCell {
  readonly text: string;
  readonly span: number;
  readonly as: 'title' | 'label' | 'value' | 'line';
}

/** A form that is printed on A4, upright: rows whose spans fill the columns. */
export interface FormSheet {
  /** At most 31 characters, none of `:\\/?*[]`. */
  readonly name: string;
  /** Of the columns, in characters. */
  readonly widths: readonly number[];
  readonly rows: readonly FormRow[];
}

export interface FormRow {
  readonly cells: readonly FormCell[];
  /** At least so many lines high: space for stamps and signatures. */
  readonly lines?: number;
}

const styles = { title: 4, label: 5, value: 6, line: 8 } as const;
const NO_FORMULA = 7;
const LINE_POINTS = 16;

/** A program grows no row for a merged cell, so that each row is as high as its longest text needs. */
export function formSheetText({ rows, widths }: FormSheet): string {
  const merges: string[] = [];
  const text = rows.map(({ cells, lines: least = 1 }, at) => {
    const number = at + 1;
    let column = 0;
    let lines = least;
    const written = cells.map((cell) => {
      const first = column;
      column += cell.span;
      if (cell.span > 1) merges.push(`${columnName(first)}${number}:${columnName(column - 1)}${number}`);
      lines = Math.max(lines, linesOf(cell.text, sum(widths.slice(first, column))));
      return cellsOf(cell, first, number);
    });
    const height = cells[0]?.as === 'title' ? 2 * LINE_POINTS : lines * LINE_POINTS + 6;
    // a program takes no row that is higher
    return `<row r="${number}" ht="${Math.min(height, 409)}" customHeight="1">${written.join('')}</row>`;
  });
  const columns = widths.map(
    (width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  const head = `<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" workbookViewId="0"/></sheetViews><cols>${columns.join('')}</cols>`;
  const merged = merges.map((range) => `<mergeCell ref="${range}"/>`).join('');
  const print =
    '<printOptions horizontalCentered="1"/><pageMargins left="0.6" right="0.6" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="portrait" fitToWidth="1" fitToHeight="0"/>';
  const mergeCells = merges.length > 0 ? `<mergeCells count="${merges.length}">${merged}</mergeCells>` : '';
  return `${sheetStart(head)}${text.join('')}</sheetData>${mergeCells}${print}</worksheet>`;
}

/** The text stands in the first; the others carry the border. */
function cellsOf({ text, span, as }: FormCell, first: number, row: number): string {
  const style = as === 'value' && looksLikeFormula(text) ? NO_FORMULA : styles[as];
  const rest = Array.from(
    { length: span - 1 },
    (_, at) => `<c r="${columnName(first + at + 1)}${row}" s="${style}"/>`,
  );
  return textCell(columnName(first), row, text, style) + rest.join('');
}

function linesOf(text: string, width: number): number {
  return sum(text.split('\n').map((line) => Math.max(1, Math.ceil((widthOf(line) * 1.1) / width))));
}

/** A Chinese character takes the room of two. */
function widthOf(text: string): number {
  return sum([...text].map((char) => (char > '\u2e7f' ? 2 : 1)));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
