import type { QianzhiError } from '@qianzhi/model';
import type { CheckNote, CheckReport, PluginContext } from '@qianzhi/plugin-api';
import { offsetAt } from '@qianzhi/sql-kit';
import { serverName } from './connection/classify.js';
import type { Session, TextRow } from './connection/session.js';
import { staysHere } from './connection/tls.js';
import { checkWarnings } from './errors/check-warnings.js';
import { literal } from './identifier.js';
import { askHorizon } from './source/horizon.js';

/** What was proven of an open session, and what a person should know. */
export async function checkServer(
  session: Session,
  context: PluginContext,
  signal: AbortSignal,
): Promise<CheckReport> {
  const { config, flavour } = session;
  const { rows } = await session.query(
    `SELECT @@global.local_infile AS local_infile, @@global.sql_mode AS mode, @@global.innodb_flush_log_at_trx_commit AS flush,
       (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ${literal(config.database)}) AS readable,
       (SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = ${literal(config.database)}) AS charset`,
    signal,
  );
  const cipher = await session.query(`SHOW SESSION STATUS LIKE 'Ssl_cipher'`, signal);
  const found = rows[0] ?? {};
  const notes = [
    ...ofDatabase(session, found),
    ...ofWriting(session, found),
    ofLine(session, cipher.rows[0]?.['Value'] ?? ''),
    ...(await ofTransactions(session, signal)),
    ...(await ofZone(session, context, signal)),
  ];
  return { server: `${flavour.family} ${serverName(config)}`, version: flavour.version, notes };
}

function ok(zh: string, en: string): CheckNote {
  return { level: 'ok', zh, en };
}

export function warning(error: QianzhiError): CheckNote {
  return { level: 'warning', zh: error.texts.zh.message, en: error.texts.en.message, error };
}

function ofDatabase({ config }: Session, found: TextRow): CheckNote[] {
  const { database, user, readOnly } = config;
  const readable = found['readable'] ?? '0';
  if (readable === '0' && readOnly) return [warning(checkWarnings.NOTHING_READABLE({ user, database }))];
  return [
    ok(
      `数据库“${database}”可读取,共 ${readable} 张表和视图`,
      `database "${database}" can be read, ${readable} tables and views`,
    ),
  ];
}

/** What a target needs; a source is not asked for it. */
function ofWriting({ config, replica }: Session, found: TextRow): CheckNote[] {
  const server = serverName(config);
  if (replica) return [warning(checkWarnings.REPLICA({ server }))];
  if (config.readOnly) return [];
  const notes: CheckNote[] = [];
  const { local_infile: infile, mode, flush, charset } = found;
  if (config.loadData === 'auto' && !isOn(infile))
    notes.push(warning(checkWarnings.LOCAL_INFILE_OFF({ server })));
  else notes.push(ok('可用 LOAD DATA LOCAL INFILE 写入', 'rows can be written by LOAD DATA LOCAL INFILE'));
  if (!/STRICT_(TRANS|ALL)_TABLES/.test(mode ?? ''))
    notes.push(warning(checkWarnings.MODE_LENIENT({ server })));
  if (flush !== '1') {
    const settings = `innodb_flush_log_at_trx_commit = ${flush}`;
    notes.push(warning(checkWarnings.POWER_LOSS({ server, settings })));
  }
  if (charset !== 'utf8mb4')
    notes.push(warning(checkWarnings.ENCODING_NARROW({ server, charset: charset ?? '?' })));
  else notes.push(ok('默认字符集为 utf8mb4', 'the default character set is utf8mb4'));
  return notes;
}

export function isOn(value: string | null | undefined): boolean {
  return value === '1' || value?.toUpperCase() === 'ON';
}

function ofLine({ config }: Session, cipher: string): CheckNote {
  const server = serverName(config);
  if (staysHere(config.host)) return ok('连接不出本机', 'the connection stays on this machine');
  if (cipher === '') return warning(checkWarnings.LINE_OPEN({ server }));
  const mode = config.ssl?.mode ?? 'require';
  if (mode === 'require') return warning(checkWarnings.LINE_UNPROVEN({ server }));
  return ok('连接已加密,证书已核对', 'the connection is encrypted, the certificate checked');
}

async function ofTransactions(session: Session, signal: AbortSignal): Promise<CheckNote[]> {
  if (session.replica || !(await askHorizon(session, 0, signal)).hidden) return [];
  const note = warning(checkWarnings.STATEMENTS_HIDDEN({ user: session.config.user }));
  return [
    { ...note, strategy: 'watermark' },
    { ...note, strategy: 'change-table' },
  ];
}

/** Zoneless columns that the server's NOW() fills hold its own wall clock. */
async function ofZone(session: Session, context: PluginContext, signal: AbortSignal): Promise<CheckNote[]> {
  const { rows } = await session.query(
    `SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone)) AS ahead`,
    signal,
  );
  const told = rows[0]?.['ahead'];
  // a named zone without the server's zone tables
  if (told == null) return [];
  const wanted = offsetAt(context.now().getTime(), context.timeZone) / 1000;
  const seconds = Number(told) - wanted;
  if (seconds === 0) return [];
  return [
    warning(
      checkWarnings.ZONE_UNSETTLED({ server: serverName(session.config), zone: context.timeZone, seconds }),
    ),
  ];
}
