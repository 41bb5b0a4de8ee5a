import type { QianzhiError } from '@qianzhi/model';
import { actText } from '@qianzhi/model';
import type { Alongside, CheckNote, CheckReport } from '@qianzhi/plugin-api';
import { serverName } from './connection/classify.js';
import { connectionErrors } from './connection/errors.js';
import type { Session, TextRow } from './connection/session.js';
import { staysHere } from './connection/tls.js';
import { checkWarnings } from './errors/check-warnings.js';
import { postgres } from './flavour.js';
import { checkLog } from './log/check-log.js';

/** What was proven of an open session, and what a person should know. */
export async function checkServer(
  session: Session,
  followers: Alongside | undefined,
  signal: AbortSignal,
): Promise<CheckReport> {
  const { config } = session;
  const { product, version: versionSql } = config.flavour ?? postgres;
  const { rows } = await session.query(
    `SELECT ${versionSql} AS version,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_use,
       (SELECT pg_catalog.has_schema_privilege(n.oid, 'CREATE') FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) AS may_make,
       (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS readable,
       (SELECT bool_or(pg_catalog.pg_has_role(r.oid, 'USAGE')) FROM pg_catalog.pg_roles r
        WHERE r.rolname IN ('pg_read_all_stats', 'pg_monitor') OR (r.rolsuper AND r.rolname = CURRENT_USER)) AS sees_others,
       (SELECT pg_catalog.string_agg(name, ', ') FROM pg_catalog.pg_settings
        WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off') AS unsafe,
       ${publicationsSql(session.version)} AS publications`,
    [config.schema],
    signal,
  );
  const found = rows[0]!;
  const notes = [
    ...ofSchema(session, found),
    ...ofWriting(session, found),
    ofLine(session),
    ofEncoding(session),
    ...ofStatistics(session, found),
    ...(await checkLog(session, followers, signal)),
  ];
  return { server: `${product} ${serverName(config)}`, version: found.version ?? '', notes };
}

/** Publications that take in whatever table is made in the schema. */
function publicationsSql(version: number): string {
  if (version < 100_000) return 'NULL';
  const ofSchema = `EXISTS (SELECT 1 FROM pg_catalog.pg_publication_namespace s
    JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid WHERE s.pnpubid = p.oid AND n.nspname = $1)`;
  const takesAll = version < 150_000 ? 'p.puballtables' : `p.puballtables OR ${ofSchema}`;
  return `(SELECT pg_catalog.string_agg(p.pubname::text, ', ') FROM pg_catalog.pg_publication p WHERE ${takesAll})`;
}

function ok(zh: string, en: string): CheckNote {
  return { level: 'ok', zh, en };
}

export function warning(error: QianzhiError): CheckNote {
  return { level: 'warning', zh: error.texts.zh.message, en: error.texts.en.message, error };
}

function ofSchema({ config }: Session, { may_use, readable }: TextRow): CheckNote[] {
  const { schema, user, readOnly } = config;
  if (may_use === null)
    return [
      warning(
        connectionErrors.SCHEMA_MISSING({ doing: actText('check'), server: serverName(config), schema }),
      ),
    ];
  if (may_use === 'f') return [warning(checkWarnings.SCHEMA_DENIED({ user, schema }))];
  if (readable === '0' && readOnly) return [warning(checkWarnings.NOTHING_READABLE({ user, schema }))];
  return [
    ok(
      `模式“${schema}”可读取,共 ${readable} 张表和视图`,
      `schema "${schema}" can be read, ${readable} tables and views`,
    ),
  ];
}

/** What a target needs; a source is not asked for it. */
function ofWriting({ config, standby }: Session, { may_make, unsafe, publications }: TextRow): CheckNote[] {
  const server = serverName(config);
  if (standby) return [warning(checkWarnings.STANDBY({ server }))];
  if (config.readOnly) return [];
  const { user, schema } = config;
  const notes: CheckNote[] = [];
  if (may_make === 't') notes.push(ok('可在该模式中建表', 'tables can be made in the schema'));
  if (may_make === 'f') notes.push(warning(checkWarnings.SCHEMA_CLOSED({ user, schema })));
  if (unsafe) notes.push(warning(checkWarnings.POWER_LOSS({ server, settings: unsafe })));
  if (publications) notes.push(warning(checkWarnings.PUBLISHED({ publications, schema })));
  return notes;
}

function ofStatistics({ config }: Session, { sees_others }: TextRow): CheckNote[] {
  if (sees_others === 't') return [];
  return [{ ...warning(checkWarnings.STATS_HIDDEN({ user: config.user })), strategy: 'watermark' }];
}

function ofLine({ config, encrypted }: Session): CheckNote {
  const server = serverName(config);
  if (staysHere(config.host)) return ok('连接不出本机', 'the connection stays on this machine');
  if (!encrypted) return warning(checkWarnings.LINE_OPEN({ server }));
  const mode = config.ssl?.mode ?? 'require';
  if (mode === 'require') return warning(checkWarnings.LINE_UNPROVEN({ server }));
  return ok('连接已加密,证书已核对', 'the connection is encrypted, the certificate checked');
}

function ofEncoding({ config, encoding }: Session): CheckNote {
  const server = serverName(config);
  if (encoding === 'UTF8') return ok('编码为 UTF8', 'encoding UTF8');
  if (encoding === 'SQL_ASCII') return warning(checkWarnings.ENCODING_UNCHECKED({ server }));
  if (!config.readOnly) return warning(checkWarnings.ENCODING_NARROW({ server, encoding }));
  return ok(
    `编码为 ${encoding},由服务器转换为 UTF-8`,
    `encoding ${encoding}, converted to UTF-8 by the server`,
  );
}
