import { actText, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { MysqlConfig } from '../config.js';
import { connectionErrors } from './errors.js';

/** What was being done, over which connection: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly config: MysqlConfig;
}

export function serverName({ host, port, database }: MysqlConfig): string {
  return `${host}:${port}/${database}`;
}

/** The server's error number; 0 for anything else. */
export function errorNumber(error: unknown): number {
  if (!(error instanceof Error) || !('errno' in error) || !('sqlState' in error)) return 0;
  return typeof error.errno === 'number' ? error.errno : 0;
}

/** What may be shown of an error: a server's message can quote a row value or SQL, so only its number stays. */
export class MysqlCause extends Error {
  override readonly name = 'MysqlCause';
  readonly code: string;

  constructor(error: unknown) {
    const number = errorNumber(error);
    super(
      number === 0 && error instanceof Error
        ? `${error.name}: ${error.message}`
        : `MySQL error ${number || '?'}`,
    );
    this.code = String((error as { code?: unknown } | null)?.code ?? '');
  }
}

type ConnectionError = Exclude<keyof typeof connectionErrors, 'VERSION_TOO_OLD'>;

/** Numbers of https://dev.mysql.com/doc/mysql-errors/8.0/en/ and https://mariadb.com/kb/en/mariadb-error-codes/ */
const numbers: Readonly<Partial<Record<ConnectionError, readonly number[]>>> = {
  LOGIN_REFUSED: [1045, 1698, 1862, 1820, 3118, 4151],
  ENTRY_REFUSED: [1129, 1130, 1251, 2049, 2059, 3159],
  DATABASE_MISSING: [1049],
  OVERLOADED: [1021, 1037, 1038, 1040, 1041, 1114, 1135, 1203, 1226],
  CONNECTION_LOST: [1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 3169, 4031],
  STATEMENT_TIMEOUT: [1317, 1969, 3024],
  LOCKED: [1205, 1213, 1412, 1614, 3058, 3572, 4024],
  NO_PERMISSION: [1044, 1142, 1143, 1211, 1227, 1370, 1410, 1419, 3955],
  READ_ONLY: [1290, 1792, 1836, 3906],
  DAMAGED: [1034, 1035, 1194, 1195, 1712, 1877, 1030],
  SCHEMA_CHANGED: [1054, 1146, 1050, 1051, 1615, 1932],
  TOO_LARGE_FOR_SERVER: [1153],
};
const byNumber = new Map(
  Object.entries(numbers).flatMap(([name, each]) =>
    each.map((number): [number, ConnectionError] => [number, name as ConnectionError]),
  ),
);

const unreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOENT|EACCES)$/;
const untrusted =
  /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(VERIFY|GET)|^ERR_(TLS|SSL)|^HANDSHAKE_SSL_ERROR|HOSTNAME_MISMATCH/;

/** Translates whatever was thrown into the error that says what to do about it. */
export function classify(error: unknown, about: Doing): QianzhiError {
  if (isQianzhiError(error)) return error;
  const number = errorNumber(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : '';
  const { doing, config } = about;
  const facts = {
    doing: actText(doing),
    server: serverName(config),
    user: config.user,
    line: config.ssl?.mode ?? 'auto',
    reason:
      number > 0
        ? denial(number, message) || `${number} ${code}`
        : code || (error as Error)?.name || 'unknown',
    timeoutMs: config.statementTimeoutMs,
  };
  const cause = new MysqlCause(error);
  if (number > 0) return connectionErrors[byNumber.get(number) ?? 'DRIVER'](facts, cause);
  if (code === 'ETIMEDOUT') {
    return connectionErrors.CONNECT_TIMEOUT({ ...facts, timeoutMs: config.connectTimeoutMs }, cause);
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return connectionErrors.TLS_REFUSED(facts, cause);
  if (untrusted.test(code)) return connectionErrors.TLS_UNTRUSTED(facts, cause);
  if (unreachable.test(code)) return connectionErrors.UNREACHABLE(facts, cause);
  // every address of the host refused
  if (error instanceof AggregateError) return connectionErrors.UNREACHABLE(facts, cause);
  if (/^(ECONNRESET|EPIPE|ECONNABORTED|PROTOCOL_CONNECTION_LOST)$/.test(code) || isDeadSocket(message)) {
    return connectionErrors.CONNECTION_LOST({ ...facts, reason: code || 'closed' }, cause);
  }
  return connectionErrors.DRIVER(facts, cause);
}

/** Which command was denied on which table, in the server's words; these hold no value. */
function denial(number: number, message: string): string {
  if (number !== 1142 && number !== 1143 && number !== 1227) return '';
  return /^[A-Za-z, ]+ command denied|^Access denied; you need/.test(message)
    ? message.replace(/ for user '.*?'@'.*?'/, '')
    : '';
}

/** What the driver says of a socket that is gone; it gives no code. */
function isDeadSocket(message: string): boolean {
  return /closed state|connection (is )?closed|Connection lost|This socket has been ended/i.test(message);
}

export function throwIfAborted(doing: string, signal: AbortSignal): void {
  if (signal.aborted) throw connectionErrors.CANCELLED({ doing: actText(doing) }, signal.reason);
}
