export interface CsvText {
  readonly text: string;
  /** Cells that a spreadsheet would have taken for a formula: an apostrophe was put before them. */
  readonly neutralised: number;
}

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** RFC 4180 with a byte order mark. Null is an empty cell, an empty text is `""`. */
export function csvOf(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): CsvText {
  let neutralised = 0;
  const cell = (value: string | null): string => {
    if (value === null) return '';
    const isFormula = FORMULA.test(value) && !NUMBER.test(value);
    if (isFormula) neutralised += 1;
    const safe = isFormula ? `'${value}` : value;
    return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map(cell), ...rows.map((row) => row.map(cell))].map(
    (cells) => `${cells.join(',')}\r\n`,
  );
  return { text: `\ufeff${lines.join('')}`, neutralised };
}
