import type { CheckReport } from '@qianzhi/plugin-api';
import { serverName } from './connection/classify.js';
import type { Session } from './connection/session.js';
import { staysHere } from './connection/tls.js';

type Note = CheckReport['notes'][number];

/** What was proven of an open session, and what a person should know. */
export async function checkServer(session: Session, signal: AbortSignal): Promise<CheckReport> {
  const { config } = session;
  const { rows } = await session.query(
    `SELECT pg_catalog.current_setting('server_version') AS version, pg_catalog.pg_is_in_recovery() AS standby,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_use,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_make,
       (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS readable,
       (SELECT s.ssl FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()) AS tls,
       (SELECT bool_or(pg_catalog.pg_has_role(r.oid, 'USAGE')) FROM pg_catalog.pg_roles r
        WHERE r.rolname IN ('pg_read_all_stats', 'pg_monitor') OR (r.rolsuper AND r.rolname = CURRENT_USER)) AS sees_others`,
    [config.schema],
    signal,
  );
  const found = rows[0]!;
  const notes: Note[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warning = (zh: string, en: string) => notes.push({ level: 'warning', zh, en });

  if (found.may_use === null) {
    warning(
      `没有模式“${config.schema}”,未写明模式的表无法找到`,
      `there is no schema "${config.schema}": tables that name none are not found`,
    );
  } else if (found.may_use === 'f') {
    warning(
      `无权使用模式“${config.schema}”(缺 USAGE)`,
      `no USAGE on schema "${config.schema}": its tables cannot be read`,
    );
  } else {
    ok(
      `模式“${config.schema}”可读取,共 ${found.readable} 张表和视图`,
      `schema "${config.schema}" can be read, ${found.readable} tables and views`,
    );
  }
  if (found.standby === 't') {
    warning(
      '这是备库:可作来源,不能写入;长时间读取可能因与主库回放冲突而重试',
      'a standby: it can be a source, not a target; long reads may conflict with replay and be tried again',
    );
  } else if (!config.readOnly) {
    if (found.may_make === 't') ok('可在该模式中建表', 'tables can be made in the schema');
    else {
      warning(
        '无权在该模式中建表:只能作为来源',
        'no CREATE on the schema: it can be a source, a target needs it for ledger and shadow tables',
      );
    }
  }
  if (found.tls === 't') ok('连接已加密', 'the connection is encrypted');
  else if (!staysHere(config.host)) {
    warning(
      '连接未加密,数据明文经过网络',
      'the connection is not encrypted: data crosses the network in clear',
    );
  }
  encodingNote(session.encoding, ok, warning);
  if (found.sees_others !== 't') {
    warning(
      '该用户看不到其他会话的事务开始时间(缺 pg_read_all_stats):watermark 的 overlapSeconds 须大于最长的写事务',
      'the user cannot see when transactions of others began (no pg_read_all_stats): `overlapSeconds` of a watermark must exceed the longest one',
    );
  }
  return { server: `PostgreSQL ${serverName(config)}`, version: found.version ?? '', notes };
}

function encodingNote(
  encoding: string,
  ok: (zh: string, en: string) => void,
  warning: (zh: string, en: string) => void,
): void {
  if (encoding === 'UTF8') ok('编码为 UTF8', 'encoding UTF8');
  else if (encoding === 'SQL_ASCII') {
    warning(
      '数据库编码为 SQL_ASCII,不检查文本:不是 UTF-8 的行将被拒收',
      'the encoding is SQL_ASCII, which checks nothing: rows that are no UTF-8 are rejected',
    );
  } else
    ok(`编码为 ${encoding},由服务器转换为 UTF-8`, `encoding ${encoding}, converted to UTF-8 by the server`);
}
