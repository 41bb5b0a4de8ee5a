import { columnTime } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { familyOf } from '../native-type.js';
import { SECOND } from './horizon.js';

/**
 * An instant (microseconds since 1970) as a value of a column: as the server prints it in a session in UTC, with the column's own
 * digits of a second, so that texts compare like their times. Rounded down: no bound lies behind the time it stands for.
 */
export function timeIn(column: TableColumn, zone: string): (instant: bigint) => string {
  const family = familyOf(column);
  const length = family === 'date' ? 10 : 19 + (column.fraction > 0 ? column.fraction + 1 : 0);
  const kind = family === 'timestamp' ? 'instant' : family === 'date' ? 'date' : 'wall';
  return (instant) => {
    const whole = new Date(Number(instant / 1000n)).toISOString().slice(0, 19).replace('T', ' ');
    const micros = String(instant % SECOND).padStart(6, '0');
    return columnTime(`${whole}.${micros}+00`, kind, zone).slice(0, length);
  };
}
