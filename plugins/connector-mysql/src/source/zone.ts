import { formatOf } from '@qianzhi/sql-kit';
import { mysqlErrors } from '../errors.js';

/** Throws STRATEGY_UNFIT (config) for a zone that is not in the IANA list. The server's own zone tables may be empty. */
export function checkZone(zone: string, strategy: string, table: string): void {
  try {
    formatOf(zone);
  } catch {
    const problem = { zh: `没有时区 ${zone}`, en: `there is no zone ${zone}` };
    throw mysqlErrors.STRATEGY_UNFIT({ strategy, table, problem });
  }
}
