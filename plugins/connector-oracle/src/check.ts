import type { CheckReport } from '@qianzhi/plugin-api';
import { type SqlSession, upperCaseName } from '@qianzhi/sql-kit';
import { type OracleConfig, serverName } from './config.js';

type Note = CheckReport['notes'][number];

const facts = `SELECT (SELECT MAX(version) FROM product_component_version),
  (SELECT COUNT(*) FROM all_objects o WHERE o.owner = COALESCE(TO_CHAR(:p1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND o.object_type IN ('TABLE', 'VIEW')),
  (SELECT value FROM nls_database_parameters WHERE parameter = 'NLS_CHARACTERSET'),
  (SELECT COUNT(*) FROM all_objects WHERE owner = 'SYS' AND object_name = 'GV_$TRANSACTION'),
  (SELECT COUNT(*) FROM session_privs WHERE privilege IN ('CREATE TABLE', 'CREATE ANY TABLE')) FROM dual`;

/** What was proven of a session, and what a person should know. */
export async function checkServer(
  session: SqlSession,
  config: OracleConfig,
  signal: AbortSignal,
): Promise<CheckReport> {
  const schema = config.schema === undefined ? null : upperCaseName(config.schema);
  const cells = (await session.query(facts, [schema], signal)).rows[0] ?? [];
  const [version, tables, charset, seesOthers, mayCreate] = cells.map((cell) => String(cell));
  const notes: Note[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warn = (zh: string, en: string, strategy?: Note['strategy']) =>
    notes.push({ level: 'warning', zh, en, ...(strategy && { strategy }) });
  ok(
    `可读取,共 ${tables} 张表和视图,字符集 ${charset}`,
    `readable, ${tables} tables and views, character set ${charset}`,
  );
  if (seesOthers === '0')
    warn(
      '无权查看其他会话的事务(GV_$TRANSACTION):时间戳增量按 15 分钟余量读取',
      'transactions of others cannot be seen (GV_$TRANSACTION): increments by time keep a margin of 15 minutes',
      'watermark',
    );
  if (!config.readOnly && mayCreate === '0')
    warn(
      '无权建表:作为目标需要 CREATE TABLE 权限(台账与暂存表)',
      'tables cannot be made: a target needs CREATE TABLE for ledger, stage and shadow',
    );
  if (!config.readOnly && !/UTF8/.test(charset ?? ''))
    warn(
      `数据库字符集 ${charset} 不含全部汉字:写入 VARCHAR2 时缺字的行会被拒收,NVARCHAR2 不受影响`,
      `character set ${charset} lacks characters: rows that need them are rejected from VARCHAR2 columns, not from NVARCHAR2`,
    );
  return { server: `Oracle ${serverName(config)}`, version: version ?? 'unknown', notes };
}
