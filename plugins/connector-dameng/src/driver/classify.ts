import { actText, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { serverErrors } from '@qianzhi/sql-kit';
import { type DamengConfig, serverName } from '../config.js';

/** What was being done, and where: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly config: DamengConfig;
}

type Maker = (facts: ReturnType<typeof factsOf>, cause: Error) => QianzhiError;

/** By number: negative ones are the server's, others the driver's. */
const byCode: readonly (readonly [readonly number[], Maker])[] = [
  [[-2501], serverErrors.LOGIN_FAILED],
  [[-2101, -2103], serverErrors.DATABASE_MISSING],
  [[20012], serverErrors.TLS],
  [[-6407, -6509], serverErrors.LOCKED],
  [[-6403, -3003], serverErrors.DEADLOCK],
  [[-7120], serverErrors.TOO_OLD],
  [[-503, -523, -608, -6001], serverErrors.SERVER_BUSY],
  [[-3404, -6515, 20010], serverErrors.STATEMENT_TIMEOUT],
  [
    [-6003, -6004, -6007, -6010, -6012, -70028, 6001, 6002, 6060, 6091, 20009, 20013, 20014],
    serverErrors.UNREACHABLE,
  ],
];
const makers = new Map(byCode.flatMap(([codes, make]) => codes.map((code) => [code, make] as const)));

/** What is a row's own fault, or its table's rule about rows. */
const refusals: Readonly<Record<number, string>> = {
  [-6602]: 'duplicate-key',
  [-6610]: 'duplicate-key',
  [-6611]: 'duplicate-key',
  [-6612]: 'duplicate-key',
  [-6609]: 'required',
  [-6604]: 'constraint',
  [-6607]: 'foreign-key',
  [-6108]: 'too-long',
  [-6169]: 'too-long',
  [-2665]: 'too-long',
  [-6102]: 'out-of-range',
  [-6121]: 'out-of-range',
  [-6111]: 'type',
  [-6112]: 'no-such-date',
  [-6118]: 'no-such-date',
  [-6132]: 'no-such-date',
  [-6133]: 'no-such-date',
  [-6134]: 'no-such-date',
  [-6136]: 'no-such-date',
  [-6137]: 'no-such-date',
  [-70009]: 'untranslatable',
  [-7071]: 'refused-by-trigger',
};

/**
 * Translates whatever the driver threw. The server's text may quote row values, so neither it nor the driver's error goes on: the
 * cause holds the number.
 */
export function classify(error: unknown, about: Doing): QianzhiError {
  if (isQianzhiError(error)) return error;
  const code = codeOf(error);
  const facts = factsOf(about, code);
  const cause = new Error(facts.reason);
  const reason = reasonOf(code);
  if (reason !== undefined)
    return serverErrors.ROW_REFUSED({ ...facts, reason, column: columnIn(error) }, cause);
  return makerOf(code)(facts, cause);
}

function makerOf(code: number | string): Maker {
  if (typeof code === 'string') return code === '' ? serverErrors.DRIVER : serverErrors.UNREACHABLE;
  // "no privilege to …": a number for each kind of object and action
  if (code <= -5500 && code > -5600) return serverErrors.NO_PERMISSION;
  return makers.get(code) ?? serverErrors.DRIVER;
}

/** Why a row is refused, for numbers that speak of one. RAISE_APPLICATION_ERROR has numbers of its own. */
export function reasonOf(code: number | string): string | undefined {
  if (typeof code === 'string') return undefined;
  if (code <= -20_000 && code >= -30_000) return 'refused-by-trigger';
  return refusals[code];
}

/** Number of the server or the driver, or the name that the system gave a failure of the line; '' where there is none. */
export function codeOf(error: unknown): number | string {
  const { errCode, code } = (error ?? {}) as { errCode?: unknown; code?: unknown };
  if (typeof errCode === 'number') return errCode;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : '';
}

function factsOf({ doing, config }: Doing, code: number | string) {
  return {
    doing: actText(doing),
    product: '达梦 (Dameng)',
    server: serverName(config),
    user: config.user,
    timeoutMs: config.statementTimeoutMs,
    reason: code === '' ? 'unknown' : `${code}`,
  };
}

/** `违反列[NAME]非空约束`, `列[NAME]长度超出定义`; in English the name stands in brackets, too. */
function columnIn(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /(?:列|[Cc]olumn) ?\[([^\]]*)\]/.exec(message)?.[1] ?? '';
}
