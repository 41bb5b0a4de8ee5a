import { isQianzhiError } from '@qianzhi/model';
import type { Session } from '../connection/session.js';

/** What the server says of time before rows are read; instants in microseconds since 1970. */
export interface Horizon {
  /** Its clock: nothing later is read. */
  readonly now: bigint;
  /** No transaction that may still commit a row began before it. */
  readonly safe: bigint;
  /** Transactions of others cannot be seen; `safe` then lies a quarter of an hour back. */
  readonly hidden: boolean;
}

export const SECOND = 1_000_000n;
/** A transaction becomes visible a moment after it began; its time is told in whole seconds. */
const REPORT_DELAY = 2n * SECOND;
/** As long as transactions of legacy programs last at most, where nobody can see them. */
const UNSEEN_SECONDS = 900n;

/**
 * Asks for clock and oldest open transaction. Take it before the rows are read: what begins later has later times. Read-only
 * transactions are left out. On a replica the transactions of the primary cannot be seen.
 */
export async function askHorizon(
  session: Session,
  overlapSeconds: number,
  signal: AbortSignal,
): Promise<Horizon> {
  const clock = await session.query('SELECT UNIX_TIMESTAMP(NOW(6)) AS now', signal);
  const now = micros(clock.rows[0]?.['now'] ?? '0');
  const heldSeconds = session.replica ? undefined : await oldestAge(session, signal);
  if (heldSeconds === undefined) {
    const seconds = BigInt(overlapSeconds) > UNSEEN_SECONDS ? BigInt(overlapSeconds) : UNSEEN_SECONDS;
    return { now, safe: now - seconds * SECOND, hidden: true };
  }
  return { now, safe: now - REPORT_DELAY - BigInt(heldSeconds) * SECOND, hidden: false };
}

/** Seconds since the oldest transaction began that may write; undefined where this user may not see them. */
async function oldestAge(session: Session, signal: AbortSignal): Promise<number | undefined> {
  const ask = (clock: string) => `SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, ${clock})), 0) AS age
    FROM information_schema.innodb_trx
    WHERE trx_mysql_thread_id <> CONNECTION_ID() AND NOT (trx_is_read_only = 1 AND trx_rows_modified = 0)`;
  try {
    // it is told in the zone of the server, whatever that of the session
    await session.query(`SET SESSION time_zone = 'SYSTEM'`, signal);
    const { rows } = await session.query(ask('NOW()'), signal);
    return Math.max(0, Number(rows[0]?.['age'] ?? 0));
  } catch (error) {
    const denied = isQianzhiError(error) && error.kind === 'denied';
    const unknown = isQianzhiError(error) && /SCHEMA_CHANGED|DRIVER/.test(error.code);
    if (!denied && !unknown) throw error;
    return undefined;
  } finally {
    if (session.alive) await session.query(`SET SESSION time_zone = '+00:00'`, signal);
  }
}

/** `1700000000.123456` as microseconds. */
function micros(seconds: string): bigint {
  const [whole = '0', fraction = ''] = seconds.split('.');
  return BigInt(whole) * SECOND + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}
