import type { SqlSession } from '@qianzhi/sql-kit';
import { mssqlErrors } from '../errors.js';
import { quoted } from '../identifier.js';

/** What the server says of a table's change tracking at one moment. */
export interface Tracking {
  /** Of the last transaction that committed a change of any tracked table. */
  readonly current: bigint;
  /** Changes behind an earlier version may have been cleaned up. */
  readonly oldest: bigint;
  /** The database and the table that it is of; a table made again has another one. */
  readonly table: string;
  /** Version since which it is tracked: reset where tracking is turned on again, and by TRUNCATE. */
  readonly begin: string;
}

const SQL = `SELECT DB_NAME(), USER_NAME(), CONVERT(varchar(30), d.create_date, 121), t.object_id,
  CASE WHEN x.database_id IS NULL THEN 0 ELSE 1 END, CONVERT(varchar(20), c.begin_version), HAS_PERMS_BY_NAME(@p1, 'OBJECT', 'VIEW CHANGE TRACKING'),
  CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()), CONVERT(varchar(20), CHANGE_TRACKING_MIN_VALID_VERSION(t.object_id))
FROM sys.databases d LEFT JOIN sys.change_tracking_databases x ON x.database_id = d.database_id
LEFT JOIN sys.objects t ON t.object_id = OBJECT_ID(@p1) LEFT JOIN sys.change_tracking_tables c ON c.object_id = t.object_id
WHERE d.database_id = DB_ID()`;

/** `from`: the table, qualified and quoted. Throws TRACKING_OFF, TRACKING_TABLE_OFF (config) or TRACKING_DENIED. */
export async function trackingOf(
  session: SqlSession,
  { from, name }: { readonly from: string; readonly name: string },
  signal: AbortSignal,
): Promise<Tracking> {
  const { rows } = await session.query(SQL, [from], signal);
  const [database, user, created, object, tracked, begin, allowed, current, oldest] = rows[0] ?? [];
  const { server } = session;
  const about = { server, table: name };
  if (Number(tracked) !== 1) {
    const sql = `ALTER DATABASE ${quoted(String(database))} SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 14 DAYS, AUTO_CLEANUP = ON)`;
    throw mssqlErrors.TRACKING_OFF({ ...about, sql });
  }
  if (Number(allowed) !== 1) {
    const sql = `GRANT VIEW CHANGE TRACKING ON ${from} TO ${quoted(String(user))}`;
    throw mssqlErrors.TRACKING_DENIED({ ...about, user: String(user), sql });
  }
  if ((begin ?? null) === null || (oldest ?? null) === null)
    throw mssqlErrors.TRACKING_TABLE_OFF({ ...about, sql: `ALTER TABLE ${from} ENABLE CHANGE_TRACKING` });
  return {
    current: BigInt(String(current)),
    oldest: BigInt(String(oldest)),
    table: `${created}/${object}`,
    begin: String(begin),
  };
}
