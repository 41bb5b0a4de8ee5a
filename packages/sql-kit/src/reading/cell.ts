import type { CatalogItem } from '@qianzhi/model';
import { canonicalizer, canonicalText, type RowWriter } from '@qianzhi/rows';
import type { SqlCell } from '../database/session.js';
import type { SqlColumn } from '../database/table.js';
import { instantText, wallOf } from '../zone.js';

/** Writes one value as the item's row text. Answers false for a value that has no text of the type (bytes in a date). */
export type CellWriter = (writer: RowWriter, value: SqlCell) => boolean;

/** How an item's values, as the driver gives them, become canonical text. Spelling only: fitting is the validator's work. */
export function compileCell(item: CatalogItem, column: SqlColumn, zone: string): CellWriter {
  if (item.type === 'G') return writeBinary;
  const respelled = respelling(item, column, zone);
  const canonical = canonicalizer(item) ?? ((text: string) => text);
  const number = column.family === 'single' ? shortestSingle : spelledNumber;
  const whole = item.type === 'I' || ((item.type === 'N' || item.type === 'Y') && !item.scale);
  return (writer, value) => {
    if (value === null) writer.null();
    else if (typeof value === 'string') writer.text(respelled ? respelled(value) : value);
    // an integer is spelled as it has to be
    else if (typeof value === 'number')
      writer.text(
        whole && Number.isSafeInteger(value) && value !== 0 ? String(value) : canonical(number(value)),
      );
    else if (typeof value === 'boolean') writer.text(canonical(value ? '1' : '0'));
    else if (typeof value === 'bigint') writer.text(canonical(value.toString()));
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
    if (family === 'wall') return shortWall;
    return family === 'decimal' ? canonicalizer({ type: 'N' }) : undefined;
  }
  if (item.type === 'T' && family === 'wall') return shortWall;
  if (family === 'decimal' && (item.type === 'N' || item.type === 'Y') && item.scale !== undefined)
    return padded(item);
  return canonicalizer(item);
}

const canonicalWall = canonicalizer({ type: 'T' })!;
const BLANK = 32;
const POINT = 46;
const ZERO = 48;

/** `YYYY-MM-DD HH:MM:SS.fffffff` without the zeros at its end; what is not spelled so takes the long way. */
function shortWall(text: string): string {
  if (text.charCodeAt(10) !== BLANK || text.length < 19) return canonicalWall(text);
  if (text.length === 19) return text;
  if (text.charCodeAt(19) !== POINT) return canonicalWall(text);
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  return text.slice(0, end === 20 ? 19 : end);
}

/** Most databases print a decimal with the digits of its column, which are the item's more often than not. */
function padded(item: CatalogItem): (text: string) => string {
  const scale = item.scale!;
  const spelled = new RegExp(`^-?[1-9]\\d*${scale === 0 ? '' : `\\.\\d{${scale}}`}$`);
  const canonical = canonicalizer(item)!;
  return (text) => (spelled.test(text) ? text : canonical(text));
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
