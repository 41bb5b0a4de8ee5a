import type { CheckReport } from '@qianzhi/plugin-api';
import type { SqlSession } from '@qianzhi/sql-kit';
import type { MssqlConfig } from './config.js';

type Note = CheckReport['notes'][number];

const facts = `SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), CONVERT(nvarchar(128), SERVERPROPERTY('Edition')),
  d.compatibility_level, d.snapshot_isolation_state, CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')),
  HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE'),
  (SELECT COUNT(*) FROM sys.objects o WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0)
FROM sys.databases d WHERE d.database_id = DB_ID()`;

/** From here on the sink's SQL is understood (TRY_CONVERT). */
const SINK_LEVEL = 110;
/** The first version that can make each commit durable or not. */
const DELAYED_DURABILITY = 12;

/** What was proven of a session, and what a person should know. */
export async function checkServer(
  session: SqlSession,
  config: MssqlConfig,
  signal: AbortSignal,
): Promise<CheckReport> {
  const cells = (await session.query(facts, [], signal)).rows[0] ?? [];
  const [version, edition, level, snapshot, updateable, seesOthers, mayCreate, tables] = cells.map((cell) =>
    String(cell),
  );
  const notes: Note[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warn = (zh: string, en: string, strategy?: Note['strategy']) =>
    notes.push({ level: 'warning', zh, en, ...(strategy && { strategy }) });
  ok(`可读取,共 ${tables} 张表和视图`, `readable, ${tables} tables and views`);
  if (snapshot !== '1')
    warn(
      '数据库未允许 SNAPSHOT 隔离:读取期间移动的行可能重复或遗漏,由后续增量补上;建议 ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON',
      'the database does not allow SNAPSHOT isolation: rows that move while they are read may be met twice or not at all until the next increment; ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON helps',
    );
  if (seesOthers !== '1')
    warn(
      '无权查看其他会话的事务(VIEW SERVER STATE):时间戳增量按 15 分钟余量读取',
      'transactions of others cannot be seen (VIEW SERVER STATE): increments by time keep a margin of 15 minutes',
      'watermark',
    );
  if (!config.readOnly) {
    if (updateable !== 'READ_WRITE')
      warn('数据库只读,只能作为来源', 'the database is read-only: it can only be a source');
    if (Number(level) < SINK_LEVEL)
      warn(
        `兼容级别 ${level} 低于 ${SINK_LEVEL}:只能作为来源`,
        `compatibility level ${level} is below ${SINK_LEVEL}: it can only be a source`,
      );
    if (mayCreate !== '1')
      warn(
        '无权建表:作为目标需要 CREATE TABLE 权限(台账与暂存表)',
        'tables cannot be made: a target needs CREATE TABLE for ledger and shadow',
      );
    if (Number(version?.split('.')[0]) >= DELAYED_DURABILITY) await checkDurability(session, warn, signal);
  }
  return { server: `SQL Server ${session.server} (${edition})`, version: version ?? 'unknown', notes };
}

async function checkDurability(
  session: SqlSession,
  warn: (zh: string, en: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const sql = 'SELECT delayed_durability FROM sys.databases WHERE database_id = DB_ID()';
  if (Number((await session.query(sql, [], signal)).rows[0]?.[0]) !== 2) return;
  warn(
    '数据库强制延迟持久化(DELAYED_DURABILITY = FORCED):断电可能丢失已提交的数据,不应作为目标',
    'the database forces delayed durability: a power loss could lose committed rows, so it should be no target',
  );
}
