import { actText, isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { serverErrors } from '@qianzhi/sql-kit';
import { type OracleConfig, serverName } from '../config.js';

/** What was being done, and where: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly config: OracleConfig;
}

type Maker = (facts: ReturnType<typeof factsOf>, cause: Error) => QianzhiError;

/** By code: ORA of the server, NJS of the driver. */
const byCode: readonly (readonly [readonly string[], Maker])[] = [
  [
    [
      'ORA-01005',
      'ORA-01017',
      'ORA-01045',
      'ORA-28000',
      'ORA-28001',
      'ORA-28002',
      'ORA-28009',
      'ORA-28040',
      'NJS-116',
    ],
    serverErrors.LOGIN_FAILED,
  ],
  [
    ['ORA-12154', 'ORA-12504', 'ORA-12505', 'ORA-12514', 'ORA-12521', 'NJS-518', 'NJS-519'],
    serverErrors.DATABASE_MISSING,
  ],
  [['NJS-505', 'NJS-506', 'NJS-507', 'NJS-508', 'ORA-28759', 'ORA-28860', 'ORA-29024'], serverErrors.TLS],
  [
    ['ORA-01031', 'ORA-01039', 'ORA-01456', 'ORA-01536', 'ORA-01950', 'ORA-16000', 'ORA-28112', 'ORA-28115'],
    serverErrors.NO_PERMISSION,
  ],
  [['ORA-00054', 'ORA-30006', 'ORA-04021', 'ORA-00051'], serverErrors.LOCKED],
  [['ORA-00060', 'ORA-08177'], serverErrors.DEADLOCK],
  [['ORA-01555', 'ORA-22924', 'ORA-01466'], serverErrors.TOO_OLD],
  [
    [
      'ORA-00018',
      'ORA-00020',
      'ORA-00257',
      'ORA-01033',
      'ORA-01034',
      'ORA-01089',
      'ORA-01090',
      'ORA-01109',
      'ORA-01652',
      'ORA-01653',
      'ORA-01654',
      'ORA-01691',
      'ORA-04031',
      'ORA-04036',
      'ORA-12516',
      'ORA-12518',
      'ORA-12519',
      'ORA-12520',
      'ORA-12526',
      'ORA-12528',
      'ORA-30036',
    ],
    serverErrors.SERVER_BUSY,
  ],
  [['NJS-123', 'ORA-03136', 'ORA-01013', 'ORA-00040', 'ORA-12609'], serverErrors.STATEMENT_TIMEOUT],
  [
    [
      'ORA-00028',
      'ORA-01012',
      'ORA-02396',
      'ORA-03113',
      'ORA-03114',
      'ORA-03135',
      'ORA-12170',
      'ORA-12535',
      'ORA-12537',
      'ORA-12541',
      'ORA-12543',
      'ORA-12545',
      'ORA-12547',
      'ORA-12560',
      'ORA-12570',
      'ORA-12571',
      'NJS-500',
      'NJS-501',
      'NJS-503',
      'NJS-510',
      'NJS-521',
      'ECONNREFUSED',
      'ECONNRESET',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOTFOUND',
      'ETIMEDOUT',
      'EPIPE',
    ],
    serverErrors.UNREACHABLE,
  ],
];
const makers = new Map(byCode.flatMap(([codes, make]) => codes.map((code) => [code, make] as const)));

/** What is a row's own fault, or its table's rule about rows. */
const refusals: Readonly<Record<string, string>> = {
  'ORA-00001': 'duplicate-key',
  'ORA-30926': 'duplicate-key',
  'ORA-01400': 'required',
  'ORA-01407': 'required',
  'ORA-02290': 'constraint',
  'ORA-01402': 'constraint',
  'ORA-14400': 'constraint',
  'ORA-02291': 'foreign-key',
  'ORA-02292': 'foreign-key',
  'ORA-01401': 'too-long',
  'ORA-01461': 'too-long',
  'ORA-01489': 'too-long',
  'ORA-12899': 'too-long',
  'ORA-22835': 'too-long',
  'ORA-25137': 'too-long',
  'ORA-01450': 'too-long',
  'ORA-01426': 'out-of-range',
  'ORA-01438': 'out-of-range',
  'ORA-01455': 'out-of-range',
  'ORA-01722': 'type',
  'ORA-01465': 'type',
  'ORA-01830': 'no-such-date',
  'ORA-01839': 'no-such-date',
  'ORA-01840': 'no-such-date',
  'ORA-01841': 'no-such-date',
  'ORA-01843': 'no-such-date',
  'ORA-01847': 'no-such-date',
  'ORA-01861': 'no-such-date',
  'ORA-01878': 'no-such-date',
};

/**
 * Translates whatever the driver threw. The server's text may quote row values, so neither it nor the driver's error goes on: the
 * cause holds the code.
 */
export function classify(error: unknown, about: Doing): QianzhiError {
  if (isQianzhiError(error)) return error;
  const code = codeOf(error);
  const facts = factsOf(about, code);
  const cause = new Error(facts.reason);
  const reason = reasonOf(code);
  if (reason !== undefined)
    return serverErrors.ROW_REFUSED({ ...facts, reason, column: columnIn(error) }, cause);
  return (makers.get(code) ?? serverErrors.DRIVER)(facts, cause);
}

/** Why a row is refused, for codes that speak of one. RAISE_APPLICATION_ERROR has numbers of its own. */
export function reasonOf(code: string): string | undefined {
  return refusals[code] ?? (/^ORA-20\d\d\d$/.test(code) ? 'refused-by-trigger' : undefined);
}

/** `ORA-01017`, `NJS-503`, `ECONNREFUSED`; '' where there is none. The driver hides the server's code behind its own for a lost line. */
export function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, errorNum } = at as { code?: unknown; errorNum?: number };
    if (typeof code === 'string' && code !== '') return code;
    if (errorNum) return `ORA-${String(errorNum).padStart(5, '0')}`;
    const said = /^(ORA|NJS)-\d+/.exec(at.message);
    if (said) return said[0];
  }
  return '';
}

function factsOf({ doing, config }: Doing, code: string) {
  return {
    doing: actText(doing),
    product: 'Oracle',
    server: serverName(config),
    user: config.user,
    timeoutMs: config.statementTimeoutMs,
    reason: code === '' ? 'unknown' : code,
  };
}

/** `("OWNER"."TABLE"."COLUMN")`, and for a value that is too long without the brackets. */
function columnIn(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return /"[^"]*"\."[^"]*"\."([^"]*)"/.exec(message)?.[1] ?? '';
}
