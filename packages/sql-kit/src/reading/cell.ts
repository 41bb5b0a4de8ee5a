import type { CatalogItem } from '@qianzhi/model';
import { canonicalText, type RowWriter } from '@qianzhi/rows';
import type { SqlCell } from '../database/session.js';
import type { SqlColumn } from '../database/table.js';
import { instantText, wallOf } from '../zone.js';

/** Writes one value as the item's row text. Answers false for a value that has no text of the type (bytes in a date). */
export type CellWriter = (writer: RowWriter, value: SqlCell) => boolean;

/** How an item's values, as the driver gives them, become canonical text. Spelling only: fitting is the validator's work. */
export function compileCell(item: CatalogItem, column: SqlColumn, zone: string): CellWriter {
  if (item.type === 'G') return writeBinary;
  const respelled = respelling(item, column, zone);
  const number = column.family === 'single' ? shortestSingle : spelledNumber;
  return (writer, value) => {
    if (value === null) writer.null();
    else if (typeof value === 'string') writer.text(respelled ? respelled(value) : value);
    else if (typeof value === 'boolean') writer.text(canonicalText(item, value ? '1' : '0'));
    else if (typeof value === 'number') writer.text(canonicalText(item, number(value)));
    else if (typeof value === 'bigint') writer.text(canonicalText(item, value.toString()));
    else return false;
    return true;
  };
}

function writeBinary(writer: RowWriter, value: SqlCell): boolean {
  if (value !== null && !Buffer.isBuffer(value)) return false;
  writer.binary(value);
  return true;
}

/** Undefined where text stays as it is. */
function respelling(
  item: CatalogItem,
  { family }: SqlColumn,
  zone: string,
): ((text: string) => string) | undefined {
  if (item.type === 'T' && !item.instant && family === 'instant') {
    return (text) => {
      const instant = canonicalText({ type: 'T', instant: true }, text);
      return wallOf(instant, zone) ?? instant;
    };
  }
  if (item.type === 'T' && item.instant && (family === 'wall' || family === 'date')) {
    return (text) => {
      const wall = canonicalText({ type: 'T' }, text);
      return instantText(wall, zone) ?? wall;
    };
  }
  if (item.type === 'M' || (item.type === 'C' && !item.fixedLength)) {
    // a time in a text item is spelled like any other
    if (family === 'wall') return (text) => canonicalText({ type: 'T' }, text);
    return family === 'decimal' ? (text) => canonicalText({ type: 'N' }, text) : undefined;
  }
  return (text) => canonicalText(item, text);
}

function spelledNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The fewest digits that mean the same single; as a double it would be spelled with digits it does not have. */
export function shortestSingle(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0';
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}
