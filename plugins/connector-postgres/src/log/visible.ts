import { setTimeout as pause } from 'node:timers/promises';
import { serverName, throwIfAborted } from '../connection/classify.js';
import type { Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import type { Reading } from '../source/reading.js';

/** Which transactions are seen: those before `next` that are not open. */
export interface Snapshot {
  readonly next: bigint;
  readonly open: ReadonlySet<bigint>;
}

const EPOCH = 1n << 32n;

export const SNAPSHOT_SQL = 'SELECT pg_catalog.txid_current_snapshot() AS now';

export async function snapshotOf(session: Session, signal: AbortSignal): Promise<Snapshot> {
  const { rows } = await session.query(SNAPSHOT_SQL, [], signal);
  return readSnapshot(rows[0]!.now);
}

/** Of what `SNAPSHOT_SQL` answers. */
export function readSnapshot(text: string | null | undefined): Snapshot {
  const [, next = '0', open = ''] = (text ?? '').split(':');
  return { next: BigInt(next), open: new Set(open === '' ? [] : open.split(',').map(BigInt)) };
}

/** Whether a transaction is seen that the log has as committed; the log tells its number without the epoch. */
export function seesCommitted({ next, open }: Snapshot, xid: number): boolean {
  const inEpoch = next - (next % EPOCH) + BigInt(xid);
  // half of all numbers lie before a snapshot, the other half behind it
  const whole = inEpoch > next + EPOCH / 2n ? inEpoch - EPOCH : inEpoch;
  return whole < next && !open.has(whole);
}

const LOOK_MS = 5;

/** Looks until the session sees enough; throws LOG_UNSEEN after the statement's limit. */
export async function isSeen(
  reading: Reading,
  session: Session,
  enough: (snapshot: Snapshot) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { statementTimeoutMs: timeoutMs } = reading.config;
  const deadline = performance.now() + timeoutMs;
  while (!enough(await snapshotOf(session, signal))) {
    if (performance.now() > deadline)
      throw postgresErrors.LOG_UNSEEN({ server: serverName(reading.config), timeoutMs });
    await pause(LOOK_MS);
    throwIfAborted(reading.about.doing, signal);
  }
}
