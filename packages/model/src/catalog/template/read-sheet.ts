import { type TemplateFinding, templateFindings } from './findings.js';

/** A sheet as a reader of workbooks gives it. */
export interface SheetGrid {
  readonly name: string;
  readonly rows: readonly GridRow[];
}

export interface GridRow {
  /** From 1. */
  readonly number: number;
  /** undefined is an error such as #N/A; null and a missing one are blank. */
  readonly cells: readonly (string | null | undefined)[];
  /** Positions of the cells that a formula fills. */
  readonly formulas?: readonly number[];
}

export interface Titled {
  readonly title: string;
  readonly also?: readonly string[];
}

/** A sheet whose columns are known by their titles. */
export interface ReadSheet {
  readonly name: string;
  readonly header: number;
  readonly rows: readonly GridRow[];
  /** '' where the column is not there or the cell is blank. */
  cell(row: GridRow, title: string): string;
  /** Places the finding at the cell; in the first column where the sheet has none of the title. */
  at(
    row: number,
    title: string | undefined,
    finding: ReturnType<(typeof templateFindings)['FORMULA']>,
  ): TemplateFinding;
  has(title: string): boolean;
}

/** Rows above the header: a heading, a note. */
const HEADER_WITHIN = 10;

/** Where the titles stand; undefined where no row of the beginning has all of `needed`. */
export function headerOf(
  grid: SheetGrid,
  columns: readonly Titled[],
  needed: readonly string[],
): GridRow | undefined {
  const wanted = columns.filter(({ title }) => needed.includes(title));
  return grid.rows
    .filter(({ number }) => number <= HEADER_WITHIN)
    .find(({ cells }) => wanted.every((column) => cells.some((cell) => isTitle(column, cell))));
}

/** Rows below the header that are not blank; what is wrong with titles and with cells that are no values goes to `findings`. */
export function readSheet(
  grid: SheetGrid,
  columns: readonly Titled[],
  header: GridRow,
  findings: TemplateFinding[],
): ReadSheet {
  const place = new Map<string, number>();
  const at: ReadSheet['at'] = (row, title, finding) => ({
    ...finding,
    sheet: grid.name,
    row,
    cell: `${letters((title === undefined ? undefined : place.get(title)) ?? 0)}${row}`,
  });
  const atPosition = (row: number, position: number, finding: Parameters<typeof at>[2]) => ({
    ...at(row, undefined, finding),
    cell: `${letters(position)}${row}`,
  });
  header.cells.forEach((cell, position) => {
    if (blank(cell)) return;
    const column = columns.find((one) => isTitle(one, cell));
    const title = column?.title ?? shortened(cell ?? '');
    if (!column)
      findings.push(
        atPosition(header.number, position, templateFindings.COLUMN_UNKNOWN(undefined, { title })),
      );
    else if (place.has(title))
      findings.push(
        atPosition(header.number, position, templateFindings.COLUMN_REPEATED(undefined, { title })),
      );
    else place.set(title, position);
  });
  const rows = grid.rows.filter(
    ({ number, cells, formulas }) =>
      number > header.number &&
      (formulas || cells.some((cell, position) => position in cells && !blank(cell))),
  );
  for (const { number, cells, formulas = [] } of rows) {
    for (const position of formulas) findings.push(atPosition(number, position, templateFindings.FORMULA()));
    cells.forEach((cell, position) => {
      if (cell === undefined && !formulas.includes(position))
        findings.push(atPosition(number, position, templateFindings.CELL_ERROR()));
    });
  }
  return {
    name: grid.name,
    header: header.number,
    rows,
    at,
    has: (title) => place.has(title),
    cell({ cells, formulas }, title) {
      const position = place.get(title);
      if (position === undefined || formulas?.includes(position)) return '';
      return cells[position] ?? '';
    },
  };
}

function isTitle({ title, also = [] }: Titled, cell: string | null | undefined): boolean {
  const said = bare(cell ?? '');
  return [title, ...also].some((one) => bare(one) === said);
}

/** People mark what is required with a star, and break long titles. */
function bare(title: string): string {
  return title.normalize('NFKC').replace(/[\s*]+/gu, '');
}

function blank(cell: string | null | undefined): boolean {
  return cell === null || cell?.trim() === '';
}

/** `A`, …, `AA`. */
function letters(position: number): string {
  const letter = String.fromCharCode(65 + (position % 26));
  return position < 26 ? letter : letters(Math.floor(position / 26) - 1) + letter;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
