import { wallText } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { familyOf } from '../native-type.js';
import { SECOND } from './horizon.js';

/**
 * Times of one column as texts that compare like their times: as the server prints them in a session in UTC, with the
 * column's own digits of a second. Everything is rounded down, so that no bound lies behind the time it stands for.
 */
export interface ColumnTime {
  /** An instant (microseconds since 1970) as a value of the column. */
  of(instant: bigint): string;
  /** So many seconds before a value of the column. */
  back(text: string, seconds: number): string;
}

export function columnTime(column: TableColumn, zone: string): ColumnTime {
  const family = familyOf(column);
  const length = family === 'date' ? 10 : 19 + (column.fraction > 0 ? column.fraction + 1 : 0);
  const print = (ms: number, micros: bigint, inZone: string): string => {
    const wall = wallText(ms, inZone).slice(0, 19);
    return `${wall}.${String(micros).padStart(6, '0')}`.slice(0, length);
  };
  return {
    of(instant) {
      const ms = Number(instant / 1000n);
      return print(ms, instant % SECOND, family === 'timestamp' ? 'UTC' : zone);
    },
    back(text, seconds) {
      const [day = '', time = '00:00:00'] = text.split(' ');
      const [whole = '', fraction = ''] = time.split('.');
      const ms = Date.parse(`${day}T${whole}Z`) - seconds * 1000;
      // before the first year there is nothing to come back to
      if (!(ms >= FIRST_MS)) return print(FIRST_MS, 0n, 'UTC');
      return print(ms, BigInt(fraction.padEnd(6, '0').slice(0, 6)), 'UTC');
    },
  };
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');

/** The earlier of two values of a column. */
export function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
