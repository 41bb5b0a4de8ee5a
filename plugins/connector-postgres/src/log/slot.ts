import { serverName, sqlState } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import { literal, quoted } from '../identifier.js';
import type { Reading } from '../source/reading.js';
import { positionOf, reachable } from './position.js';
import { isSeen, type Snapshot, snapshotOf } from './visible.js';

/** A slot as the server has it. Positions before `released` may be gone. */
export interface SlotState {
  /** Where the log is written next. */
  readonly here: bigint;
  /** Up to where it can be read now: what is committed lies before. */
  readonly end: bigint;
  readonly slot:
    | {
        readonly released: bigint;
        /** Bytes of log that the server keeps for it. */
        readonly keptBytes: bigint;
        /** `reserved`, `extended`, `unreserved`, `lost`; '' before PostgreSQL 13. */
        readonly status: string;
      }
    | undefined;
}

export async function slotState(session: Session, slot: string, signal: AbortSignal): Promise<SlotState> {
  const { rows } = await session.query(
    `SELECT pg_catalog.pg_current_wal_insert_lsn() AS here, pg_catalog.current_setting('wal_block_size') AS page,
       s.slot_name, s.restart_lsn, s.confirmed_flush_lsn, pg_catalog.row_to_json(s) ->> 'wal_status' AS status
     FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_replication_slots s ON s.slot_name = ${literal(slot)}
       AND s.plugin = 'pgoutput' AND s.database = pg_catalog.current_database()`,
    [],
    signal,
  );
  const found = rows[0]!;
  const here = positionOf(found.here!);
  const end = reachable(here, BigInt(found.page!));
  if (found.slot_name === null) return { here, end, slot: undefined };
  const restart = found.restart_lsn ? positionOf(found.restart_lsn) : undefined;
  return {
    here,
    end,
    slot: {
      released: positionOf(found.confirmed_flush_lsn ?? '0/0'),
      keptBytes: restart === undefined ? 0n : here - restart,
      status: restart === undefined ? 'lost' : (found.status ?? ''),
    },
  };
}

export async function dropSlot(session: Session, slot: string, signal: AbortSignal): Promise<void> {
  await session.query(
    `SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = ${literal(slot)}`,
    [],
    signal,
  );
}

/** Does nothing where the server has released as much already, or a stream is there to tell it. */
export async function releaseSlot(
  session: Session,
  slot: string,
  position: string,
  signal: AbortSignal,
): Promise<void> {
  await session.query(
    `SELECT pg_catalog.pg_replication_slot_advance(slot_name, ${literal(position)}::pg_lsn) FROM pg_catalog.pg_replication_slots
     WHERE slot_name = ${literal(slot)} AND NOT active AND confirmed_flush_lsn < ${literal(position)}::pg_lsn AND restart_lsn IS NOT NULL`,
    [],
    signal,
  );
}

/**
 * Makes the slot and answers its first position; one that is `passing` goes again, and only the position is wanted. Waits until `seen` sees whatever was committed before that: a commit is in the log
 * before others see it, and for long where a synchronous standby is waited for.
 */
export async function createSlot(
  reading: Reading,
  slot: { readonly name: string; readonly passing: boolean },
  seen: Session,
  signal: AbortSignal,
): Promise<string> {
  const session = await openSession(reading.about, 'log', signal);
  try {
    // it waits for whoever writes at that moment
    await session.query(`SET lock_timeout = ${reading.config.statementTimeoutMs}`, [], signal);
    const { rows } = await create(reading, slot, session, signal);
    const { consistent_point: position, snapshot_name: name } = rows[0]!;
    const committed = await exportedSnapshot(reading, name!, signal);
    await isSeen(reading, seen, (snapshot) => sees(snapshot, committed), signal);
    return position!;
  } finally {
    await session.close();
  }
}

async function create(
  reading: Reading,
  { name, passing }: { readonly name: string; readonly passing: boolean },
  session: Session,
  signal: AbortSignal,
) {
  const sql = `CREATE_REPLICATION_SLOT ${quoted(name)} ${passing ? 'TEMPORARY ' : ''}LOGICAL pgoutput`;
  return await orSlotsFull(reading, signal, () => session.query(sql, [], signal));
}

/** Work that takes a slot: throws LOG_SLOTS_FULL where there is none. */
export async function orSlotsFull<T>(
  reading: Reading,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (stateOf(cause) !== '53400') throw error;
    const { rows } = await reading.sessions.use(signal, (each) =>
      each.query(`SELECT pg_catalog.current_setting('max_replication_slots') AS most`, [], signal),
    );
    throw postgresErrors.LOG_SLOTS_FULL(
      { server: serverName(reading.config), most: rows[0]!.most ?? '' },
      error,
    );
  }
}

function stateOf(cause: unknown): string {
  return sqlState(cause) || (cause instanceof Error && 'code' in cause ? String(cause.code) : '');
}

/** What is committed at the slot's first position, as the log knows it. */
async function exportedSnapshot(reading: Reading, name: string, signal: AbortSignal): Promise<Snapshot> {
  return reading.sessions.use(signal, async (session) => {
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', [], signal);
    await session.query(`SET TRANSACTION SNAPSHOT ${literal(name)}`, [], signal);
    const snapshot = await snapshotOf(session, signal);
    await session.query('COMMIT', [], signal);
    return snapshot;
  });
}

/** Whatever is not seen now was not committed then. */
function sees(now: Snapshot, then: Snapshot): boolean {
  return now.next >= then.next && [...now.open].every((xid) => xid >= then.next || then.open.has(xid));
}
