import type { CatalogItem } from '@qianzhi/model';
import { canonicalText, type RowWriter } from '@qianzhi/rows';
import { instantText, wallText } from '@qianzhi/sql-kit';
import type { TimeFormat } from '../config.js';
import type { Bound } from './order.js';

/** Writes one value as the item's row text. Answers false for a value that has no text of the type (a BLOB in a date). */
export type CellWriter = (writer: RowWriter, value: Bound) => boolean;

/** U+0000 marks text that the quick read could not judge: the slice is then read again, exactly. */
export const UNJUDGED = '\0';

/** Compiles how one item's values, by storage class, become canonical text. Spelling only: fitting is the validator's work. */
export function compileCell(item: CatalogItem, timeFormat: TimeFormat | undefined, zone: string): CellWriter {
  if (item.type === 'G') return writeBinary;
  const text = compileText(item, timeFormat ?? 'text', zone);
  const plain = (item.type === 'C' && !item.fixedLength) || item.type === 'M';
  return (writer, value) => {
    if (value === null) writer.null();
    else if (typeof value === 'string') writer.text(plain ? value : text(value));
    else if (Buffer.isBuffer(value)) return false;
    else writer.text(text(value));
    return true;
  };
}

function writeBinary(writer: RowWriter, value: Bound): boolean {
  if (value === null) writer.null();
  else if (Buffer.isBuffer(value)) writer.binary(value);
  else if (typeof value === 'string') writer.text(UNJUDGED);
  else return false;
  return true;
}

function compileText(
  item: CatalogItem,
  format: TimeFormat,
  zone: string,
): (value: bigint | number | string) => string {
  const isTime = item.type === 'D' || item.type === 'T';
  if (!isTime)
    return (value) => canonicalText(item, typeof value === 'number' ? realText(item, value) : String(value));
  return (value) => {
    const wall = typeof value === 'string' ? value : numberAsWall(Number(value), format, zone);
    if (wall === undefined) return String(value);
    if (item.type === 'D') return canonicalText(item, typeof value === 'string' ? wall : wall.slice(0, 10));
    const canonical = canonicalText({ ...item, instant: false }, wall);
    return item.instant ? (instantText(canonical, zone) ?? canonicalText(item, wall)) : canonical;
  };
}

const JULIAN_UNIX_EPOCH = 2440587.5;

function numberAsWall(value: number, format: TimeFormat, zone: string): string | undefined {
  if (format === 'text') return undefined;
  const epochMs =
    format === 'unix'
      ? value * 1000
      : format === 'unix-ms'
        ? value
        : (value - JULIAN_UNIX_EPOCH) * 86_400_000;
  const rounded = Math.round(epochMs);
  return Number.isFinite(rounded) && Math.abs(rounded) < 8.64e15 ? wallText(rounded, zone) : undefined;
}

/** A REAL in a text item keeps the point that SQLite shows: 3.0, not 3. */
function realText(item: CatalogItem, value: number): string {
  const shortest = Object.is(value, -0) ? '-0' : String(value);
  const asText = item.type === 'C' || item.type === 'M';
  return asText && Number.isInteger(value) && !shortest.includes('e') ? `${shortest}.0` : shortest;
}
