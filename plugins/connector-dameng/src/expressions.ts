import type { SqlColumn } from '@qianzhi/sql-kit';
import { isLong } from './native-type.js';

/** Digits of a second as far as the column has them: versions before 2022 know no more than six. */
function timeFormat({ fraction }: SqlColumn): string {
  return `YYYY-MM-DD HH24:MI:SS.FF${fraction > 6 ? 9 : 6}`;
}

/** Before year 1 the format prints the year without its sign: such a time is marked, and refused as what it is. */
function printed(name: string, format: string, more = ''): string {
  const sign = `CASE WHEN EXTRACT(YEAR FROM ${name}) < 1 THEN '-' ELSE '' END`;
  return `CASE WHEN ${name} IS NULL THEN NULL ELSE ${sign} || TO_CHAR(${name}, '${format}')${more} END`;
}

/**
 * Fetches a column so that the driver loses nothing of it. Numbers and large texts come as text by the driver's own decoding; times
 * would pass through the zone of a JS Date.
 */
export function fetched(column: SqlColumn, name: string): string {
  switch (column.family) {
    case 'date':
      return printed(name, 'YYYY-MM-DD');
    case 'wall':
      return printed(name, timeFormat(column));
    case 'instant':
      return printed(`SYS_EXTRACT_UTC(${name})`, timeFormat(column), ` || '+00'`);
    case 'other':
      return `CAST(${name} AS VARCHAR)`;
    default:
      return name;
  }
}

/** Floats and bytes have no text that is surely the same value again. */
export function keyText(column: SqlColumn, name: string): string | undefined {
  const ordered = ['text', 'char', 'integer', 'decimal', 'date', 'wall', 'instant'].includes(column.family);
  return ordered && !column.large ? fetched(column, name) : undefined;
}

/** Text SQL as a value of the column. */
export function converted(column: SqlColumn, text: string): string {
  const { family, nativeType } = column;
  switch (family) {
    case 'integer':
    case 'decimal':
    case 'double':
    case 'single':
    case 'boolean':
      return `CAST(${text} AS ${nativeType})`;
    case 'date':
      return `TO_DATE(${text}, 'YYYY-MM-DD')`;
    case 'wall':
      return `TO_TIMESTAMP(${text}, '${timeFormat(column)}')`;
    case 'instant':
      return `TO_TIMESTAMP_TZ(REPLACE(${text}, '+00', ' +00:00'), '${timeFormat(column)} TZH:TZM')`;
    case 'text':
    case 'char':
      // staged as a large object, which is compared with nothing
      return isLong(column) && !column.large ? `TO_CHAR(${text})` : text;
    default:
      return text;
  }
}
