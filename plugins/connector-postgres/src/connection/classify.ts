import { actText, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { PostgresConfig } from '../config.js';
import { postgres } from '../flavour.js';
import { connectionErrors } from './errors.js';

/** What was being done, over which connection: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly config: PostgresConfig;
  /** By a walsender, which runs no SQL of users. */
  readonly ofLog?: boolean;
}

/** What stands at the other end, as a person knows it. */
export function productName({ flavour = postgres }: PostgresConfig): string {
  return flavour.product;
}

export function serverName({ host, port, database }: PostgresConfig): string {
  return `${host}:${port}/${database}`;
}

/** SQLSTATE of a server's error; '' for anything else. */
export function sqlState(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * What may be shown of an error: a server's message can quote a row value or a piece of SQL, so only its code and the
 * objects it names stay as the cause.
 */
export class PostgresCause extends Error {
  override readonly name = 'PostgresCause';
  readonly code: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly routine?: string;

  constructor(error: unknown) {
    const facts = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof facts[name] === 'string' ? (facts[name] as string) : undefined);
    const state = sqlState(error);
    super(
      state === '' && error instanceof Error ? `${error.name}: ${error.message}` : `SQLSTATE ${state || '?'}`,
    );
    this.code = text('code') ?? '';
    for (const name of ['table', 'column', 'constraint', 'routine'] as const) {
      const value = text(name);
      if (value !== undefined) Object.assign(this, { [name]: value });
    }
  }
}

type ConnectionError = Exclude<keyof typeof connectionErrors, 'VERSION_TOO_OLD' | 'EMPTY_IS_NULL'>;

/** By SQLSTATE or its class (first two characters): https://www.postgresql.org/docs/current/errcodes-appendix.html */
const byState: Readonly<Record<string, ConnectionError>> = {
  '08': 'CONNECTION_LOST',
  '57P01': 'CONNECTION_LOST',
  '57P02': 'CONNECTION_LOST',
  '57P05': 'CONNECTION_LOST',
  '25P03': 'CONNECTION_LOST',
  '57P03': 'UNREACHABLE',
  '53': 'OVERLOADED',
  '57014': 'STATEMENT_TIMEOUT',
  '55P03': 'LOCKED',
  '55006': 'LOCKED',
  '40': 'LOCKED',
  '28P01': 'LOGIN_REFUSED',
  '28': 'ENTRY_REFUSED',
  '3D000': 'DATABASE_MISSING',
  '42501': 'NO_PERMISSION',
  '25006': 'READ_ONLY',
  XX001: 'DAMAGED',
  XX002: 'DAMAGED',
  '42P01': 'SCHEMA_CHANGED',
  '42703': 'SCHEMA_CHANGED',
  '42P07': 'SCHEMA_CHANGED',
  '3F000': 'SCHEMA_MISSING',
  '0A000': 'SCHEMA_CHANGED',
  '22021': 'UNTRANSLATABLE',
  '22P05': 'UNTRANSLATABLE',
};

const unreachable = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENOENT|EACCES)$/;
const untrusted = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(VERIFY|GET)|^ERR_(TLS|SSL)|^HOSTNAME_MISMATCH/;

/** Translates whatever was thrown into the error that says what to do about it. */
export function classify(error: unknown, about: Doing, encoding = ''): QianzhiError {
  if (isQianzhiError(error)) return error;
  const state = sqlState(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : '';
  const { doing, config } = about;
  const facts = {
    doing: actText(doing),
    product: productName(config),
    server: serverName(config),
    user: config.user,
    schema: config.schema,
    encoding,
    line: config.ssl?.mode ?? 'auto',
    reason:
      denial(state, message) ||
      (about.ofLog && ofFiles(state, message)) ||
      state ||
      code ||
      (error instanceof Error ? error.name : 'unknown'),
    timeoutMs: config.statementTimeoutMs,
  };
  const cause = new PostgresCause(error);
  if (state !== '') {
    return connectionErrors[byState[state] ?? byState[state.slice(0, 2)] ?? 'DRIVER'](facts, cause);
  }
  if (message === 'timeout expired') {
    return connectionErrors.CONNECT_TIMEOUT({ ...facts, timeoutMs: config.connectTimeoutMs }, cause);
  }
  if (/does not support SSL/.test(message)) return connectionErrors.TLS_REFUSED(facts, cause);
  if (untrusted.test(code)) return connectionErrors.TLS_UNTRUSTED(facts, cause);
  if (unreachable.test(code)) return connectionErrors.UNREACHABLE(facts, cause);
  // AggregateError: every address of the host refused
  if (code === '' && error instanceof AggregateError) return connectionErrors.UNREACHABLE(facts, cause);
  if (/^(ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED)$/.test(code) || isDeadSocket(message)) {
    return connectionErrors.CONNECTION_LOST({ ...facts, reason: code || 'closed' }, cause);
  }
  // its number for sha256 is PostgreSQL's for SASL
  if (/Only mechanism|SASL: Last message|Unknown authentication/.test(message))
    return connectionErrors.LOGIN_METHOD(facts, cause);
  if (/SASL|password must be a/i.test(message)) {
    return connectionErrors.LOGIN_REFUSED({ ...facts, reason: 'password' }, cause);
  }
  return connectionErrors.DRIVER(facts, cause);
}

/** Which privilege is missing on what, in the server's words: `permission denied for schema civil`. They hold no value. */
function denial(state: string, message: string): string {
  const told = /^(permission denied for|permission denied to create temporary tables|must be owner of) /;
  return state === '42501' && told.test(message) ? message : '';
}

/** Of class 58 (system) or XX (internal) a walsender speaks of files and places of the log; it says no value. */
function ofFiles(state: string, message: string): string {
  return /^(?:58|XX)/.test(state) ? `${state}: ${message}` : '';
}

/** What the driver says of a socket that is gone; it gives no code. */
function isDeadSocket(message: string): boolean {
  return /Connection terminated|not queryable|establishing an SSL connection/.test(message);
}

export function throwIfAborted(doing: string, signal: AbortSignal): void {
  if (signal.aborted) throw connectionErrors.CANCELLED({ doing: actText(doing) }, signal.reason);
}
