import type { Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';

/** Throws STRATEGY_UNFIT (config) for a zone that PostgreSQL does not know. */
export async function checkZone(
  session: Session,
  zone: string,
  strategy: string,
  table: string,
  signal: AbortSignal,
): Promise<void> {
  const sql = 'SELECT 1 FROM pg_catalog.pg_timezone_names WHERE name = $1 LIMIT 1';
  const { count } = await session.query(sql, [zone], signal);
  if (count > 0) return;
  const problem = { zh: `没有时区 ${zone}`, en: `there is no zone ${zone}` };
  throw postgresErrors.STRATEGY_UNFIT({ strategy, table, problem });
}
