import type { CheckReport } from '@qianzhi/plugin-api';
import { type SqlSession, upperCaseName } from '@qianzhi/sql-kit';
import { type DamengConfig, serverName } from './config.js';
import { emptyIsNull } from './driver/session.js';
import { damengErrors } from './errors.js';

type Note = CheckReport['notes'][number];

const facts = `SELECT (SELECT MIN(banner) FROM v$version WHERE banner LIKE 'DM Database%'),
  (SELECT COUNT(*) FROM all_objects o WHERE o.owner = COALESCE(:p1, SF_GET_SCHEMA_NAME_BY_ID(CURRENT_SCHID)) AND o.object_type IN ('TABLE', 'VIEW')),
  SF_GET_UNICODE_FLAG(), SF_GET_CASE_SENSITIVE_FLAG(), SF_GET_PAGE_SIZE(), SF_GET_LENGTH_IN_CHAR() FROM DUAL`;

const charsets: Readonly<Record<string, string>> = { 0: 'GB18030', 1: 'UTF-8', 2: 'EUC-KR' };

/** What was proven of a session, and what a person should know. */
export async function checkServer(
  session: SqlSession,
  config: DamengConfig,
  signal: AbortSignal,
): Promise<CheckReport> {
  const schema = config.schema === undefined ? null : upperCaseName(config.schema);
  const cells = (await session.query(facts, [schema], signal)).rows[0] ?? [];
  const [version, tables, charset, caseSensitive, page, inCharacters] = cells.map((cell) => String(cell));
  const notes: Note[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warn = (zh: string, en: string, strategy?: Note['strategy']) =>
    notes.push({ level: 'warning', zh, en, ...(strategy && { strategy }) });
  const name = charsets[charset ?? ''] ?? `${charset}`;
  const unit = inCharacters === '1' ? { zh: '字符', en: 'characters' } : { zh: '字节', en: 'bytes' };
  ok(
    `可读取,共 ${tables} 张表和视图;字符集 ${name},页 ${page} 字节,长度以${unit.zh}计`,
    `readable, ${tables} tables and views; character set ${name}, pages of ${page} bytes, lengths in ${unit.en}`,
  );
  warn(
    '达梦不提供事务的开始时间:时间戳增量按 15 分钟余量读取',
    'Dameng does not tell when transactions began: increments by time keep a margin of 15 minutes',
    'watermark',
  );
  if (config.sslPath !== undefined)
    warn(
      '连接已加密,但达梦驱动不核对服务器证书',
      'the line is encrypted, but the driver does not check the server’s certificate',
    );
  if (config.readOnly) return report();
  if (charset === '2')
    warn(
      '字符集 EUC-KR 不含全部汉字:作为目标会丢失或拒收文字',
      'character set EUC-KR lacks characters: as a target it loses or refuses text',
    );
  if (caseSensitive !== '1')
    warn(
      '库不区分大小写(CASE_SENSITIVE=0):只有大小写不同的主键在目标中是同一行,后到者被拒收',
      'the database is not case-sensitive (CASE_SENSITIVE=0): keys that differ in case alone are one row of a target, and the later one is rejected',
    );
  if (await emptyIsNull(session, signal)) {
    const error = damengErrors.EMPTY_IS_NULL({ server: session.server });
    const { zh, en } = error.texts;
    notes.push({ level: 'warning', zh: zh.message, en: en.message, ...(!config.emptyAsNull && { error }) });
  }
  return report();

  function report(): CheckReport {
    return { server: `达梦 (Dameng) ${serverName(config)}`, version: version ?? 'unknown', notes };
  }
}
