import { dateOf, numberText } from './date-format.js';
import type { PackageFile, XmlHandler } from './package-file.js';
import { richText, type SharedStrings, unescaped } from './string-table.js';

/** Undefined is an error such as #N/A; null and a missing one are empty. */
export type CellValue = string | null | undefined;

export interface SheetRow {
  /** Number of the row in the sheet, from 1. */
  readonly number: number;
  /** By position; holes are empty cells. */
  readonly cells: readonly CellValue[];
  /** Positions of the cells that a formula fills; absent where there is none. */
  readonly formulas?: readonly number[];
}

export interface SheetTexts {
  readonly strings: SharedStrings;
  readonly dateStyles: readonly boolean[];
  readonly from1904: boolean;
}

const MOST_COLUMNS = 16_384;

/** Rows of a sheet, as many at a time as one piece of the file holds. */
export async function* sheetRows(
  source: PackageFile,
  part: string,
  texts: SheetTexts,
  signal: AbortSignal,
): AsyncGenerator<readonly SheetRow[]> {
  let ready: SheetRow[] = [];
  for await (const _ of source.parse(
    part,
    rowHandler(texts, (row) => ready.push(row)),
    signal,
  )) {
    if (ready.length === 0) continue;
    const rows = ready;
    ready = [];
    yield rows;
  }
}

function rowHandler(
  { strings, dateStyles, from1904 }: SheetTexts,
  onRow: (row: SheetRow) => void,
): XmlHandler {
  let number = 0;
  let cells: CellValue[] = [];
  let column = 0;
  let type = 'n';
  let style = 0;
  let value: string | undefined;
  let inValue = false;
  let formulas: number[] | undefined;
  const inline = richText('is', (text) => {
    value = text;
  });

  function cellValue(): CellValue {
    if (value === undefined) return null;
    switch (type) {
      case 's':
        return strings.at(Number(value));
      case 'inlineStr':
        return value;
      case 'str':
        return unescaped(value);
      case 'b':
        return value === '1' ? 't' : 'f';
      case 'e':
        return undefined;
      case 'd':
        return value;
      default:
        return (dateStyles[style] ? dateOf(Number(value), from1904) : undefined) ?? numberText(value);
    }
  }

  return {
    open(name, attributes) {
      if (name === 'row') {
        number = Number(attributes.r ?? number + 1);
        cells = [];
        column = 0;
        formulas = undefined;
      } else if (name === 'c') {
        column = attributes.r === undefined ? column + 1 : columnNumber(attributes.r);
        type = attributes.t ?? 'n';
        style = Number(attributes.s ?? 0);
        value = undefined;
      } else if (name === 'v') {
        inValue = true;
        value = '';
      } else if (name === 'f') {
        formulas ??= [];
        formulas.push(column - 1);
      } else inline.open!(name, attributes);
    },
    text(text) {
      if (inValue) value += text;
      else inline.text!(text);
    },
    close(name) {
      if (name === 'v') inValue = false;
      else if (name === 'c') {
        if (column >= 1 && column <= MOST_COLUMNS) cells[column - 1] = cellValue();
      } else if (name === 'row') onRow({ number, cells, ...(formulas && { formulas }) });
      else inline.close!(name);
    },
  };
}

/** B of `B12` is 2. */
function columnNumber(reference: string): number {
  let number = 0;
  for (let at = 0; at < reference.length; at++) {
    const letter = reference.charCodeAt(at) & 0xdf;
    if (letter < 65 || letter > 90) break;
    number = number * 26 + letter - 64;
  }
  return number;
}
