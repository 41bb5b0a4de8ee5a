import { actText, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { serverErrors, targetErrors } from '@qianzhi/sql-kit';
import { type MssqlConfig, serverName } from '../config.js';

/** What was being done, and where: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly config: MssqlConfig;
  /** Number of the last error that the server sent while we logged in: the driver does not pass it on. */
  readonly loginNumber?: number | undefined;
}

type Maker = (facts: Facts, cause: Error) => QianzhiError;
type Facts = ReturnType<typeof factsOf>;

/** By error number of the server. */
const byNumber: readonly (readonly [readonly number[], Maker])[] = [
  [[4060, 911, 4064, 40532], serverErrors.DATABASE_MISSING],
  [
    [
      18456, 18452, 18461, 18462, 18463, 18464, 18465, 18466, 18467, 18468, 18470, 18471, 18486, 18487, 18488,
      40615,
    ],
    serverErrors.LOGIN_FAILED,
  ],
  [[229, 230, 262, 297, 300, 371, 916, 1088, 3906, 4602, 6004, 15247], serverErrors.NO_PERMISSION],
  [[1205, 3960], serverErrors.DEADLOCK],
  [[1222], serverErrors.LOCKED],
  [[3958, 3961, 3967], serverErrors.TOO_OLD],
  [
    [
      596, 601, 701, 802, 976, 978, 979, 983, 1101, 1105, 3635, 6005, 8628, 8645, 8651, 9001, 9002, 10922,
      10928, 10929, 10936, 17142, 17187, 40197, 40501, 40549, 40550, 40613, 49918, 49919, 49920,
    ],
    serverErrors.SERVER_BUSY,
  ],
  [[628, 3609, 3616, 3903, 3908, 3930, 3971, 3998, 6401], targetErrors.TRANSACTION_LOST],
];
const makers = new Map(
  byNumber.flatMap(([numbers, make]) => numbers.map((number) => [number, make] as const)),
);

/** What is a row's own fault, or its table's rule about rows. */
const refusals: Readonly<Record<number, string>> = {
  220: 'out-of-range',
  232: 'out-of-range',
  244: 'out-of-range',
  248: 'out-of-range',
  8115: 'out-of-range',
  241: 'no-such-date',
  242: 'no-such-date',
  295: 'no-such-date',
  296: 'no-such-date',
  245: 'type',
  8114: 'type',
  8169: 'type',
  511: 'row-too-large',
  1946: 'too-long',
  2628: 'too-long',
  8152: 'too-long',
  515: 'required',
  2601: 'duplicate-key',
  2627: 'duplicate-key',
  547: 'constraint',
  550: 'constraint',
};

/** Codes of the driver, where no server spoke. */
const byCode: Readonly<Record<string, Maker>> = {
  ECANCEL: ({ doing }, cause) => serverErrors.CANCELLED({ doing }, cause),
  ETIMEOUT: serverErrors.STATEMENT_TIMEOUT,
  ELOGIN: serverErrors.LOGIN_FAILED,
  EENCRYPT: serverErrors.TLS,
  ESOCKET: serverErrors.UNREACHABLE,
  ECLOSE: serverErrors.UNREACHABLE,
  EINVALIDSTATE: serverErrors.UNREACHABLE,
  ENOCONN: serverErrors.UNREACHABLE,
  EINSTLOOKUP: serverErrors.UNREACHABLE,
  EINSTLOOKUP2: serverErrors.UNREACHABLE,
};

/** Numbers from here on are a trigger's or procedure's own (RAISERROR, THROW). */
const FIRST_OWN_NUMBER = 50_000;

/**
 * Translates whatever the driver threw. The server's text may quote row values, so neither it nor the driver's error goes on: the
 * cause holds number and code.
 */
export function classify(error: unknown, about: Doing): QianzhiError {
  if (isQianzhiError(error)) return error;
  const { number = about.loginNumber, code = '' } = error as { number?: number; code?: string };
  const facts = factsOf(about, number, code);
  const cause = new Error(facts.reason);
  const refusal = number === undefined ? undefined : refusalOf(number, messageOf(error));
  if (refusal) return serverErrors.ROW_REFUSED({ ...facts, ...refusal }, cause);
  const make = number === undefined ? undefined : makers.get(number);
  if (make) return make(facts, cause);
  const tls = isTlsFailure(error);
  if (tls) return serverErrors.TLS({ ...facts, reason: tls }, cause);
  return (byCode[code] ?? serverErrors.DRIVER)(facts, cause);
}

/** While connecting a timeout means that nobody answers. */
export function classifyConnecting(error: unknown, about: Doing): QianzhiError {
  const late = (error as { code?: string }).code === 'ETIMEOUT';
  return late
    ? serverErrors.UNREACHABLE(factsOf(about, undefined, 'ETIMEOUT'), new Error('ETIMEOUT'))
    : classify(error, about);
}

function factsOf({ doing, config }: Doing, number: number | undefined, code: string) {
  return {
    doing: actText(doing),
    product: 'SQL Server',
    server: serverName(config),
    user: config.user,
    timeoutMs: config.statementTimeoutMs,
    reason: number === undefined ? code || 'unknown' : String(number),
  };
}

function refusalOf(number: number, message: string): { reason: string; column: string } | undefined {
  if (number >= FIRST_OWN_NUMBER) return { reason: 'refused-by-trigger', column: '' };
  const reason = refusals[number];
  if (reason === undefined) return undefined;
  // the kind of constraint stands in capitals in every language
  const foreign = number === 547 && /FOREIGN KEY|REFERENCE/.test(message);
  return { reason: foreign ? 'foreign-key' : reason, column: columnIn(number, message) };
}

/** Names stand in quotes: the first one for 515, the second for 2628, whose third is the value. */
function columnIn(number: number, message: string): string {
  const place = { 515: 0, 2628: 1 }[number];
  if (place === undefined) return '';
  const names = [...message.matchAll(/['"“]([^'"”]*)['"”]/g)].map(([, name]) => name ?? '');
  return names[place] ?? '';
}

/** The code of a failed handshake, wherever the driver put it. */
function isTlsFailure(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at ? String(at.code) : '';
    if (/^(ERR_TLS|ERR_SSL|EPROTO$|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) return code;
    const said = /self.signed certificate|unable to verify|wrong version number/i.exec(at.message);
    if (said) return said[0];
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
