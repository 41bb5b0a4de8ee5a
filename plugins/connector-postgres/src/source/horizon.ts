import type { Session } from '../connection/session.js';
import { literal } from '../identifier.js';

/** What the database says of time before an increment is read, as values of the watermark column. */
export interface Horizon {
  /** Its clock: nothing later is read. */
  readonly now: string;
  /** No transaction that may still commit a row began before it: the mark never passes it. */
  readonly safe: string;
  readonly clockMs: number;
  /** Sessions whose transactions this user may not see; `safe` then lies a quarter of an hour back at least. */
  readonly hidden: number;
  /** How far `safe` lies behind the clock because of an open transaction. */
  readonly heldSeconds: number;
}

/** A transaction becomes visible a moment after it began. */
const REPORT_DELAY = "interval '1 second'";
/** As long as transactions of legacy programs last at most, where nobody can see them. */
const UNSEEN_SECONDS = 900;

/**
 * Asks for clock and oldest open transaction. Take it before the rows are read: what begins later has later times. Of a prepared
 * transaction only the end of its work is known, so it holds the mark back by the overlap, too. On a standby the
 * transactions of the primary cannot be seen, and its time is that of the last one replayed.
 */
export async function askHorizon(
  session: Session,
  toColumn: (instant: string) => string,
  overlapSeconds: number,
  signal: AbortSignal,
): Promise<Horizon> {
  const unseen = `interval '${Math.max(overlapSeconds, UNSEEN_SECONDS)} seconds'`;
  const clock = session.standby
    ? 'coalesce(pg_catalog.pg_last_xact_replay_timestamp(), clock_timestamp())'
    : 'clock_timestamp()';
  const others =
    session.version >= 100_000
      ? `coalesce(backend_type, '') NOT IN ('autovacuum worker', 'walsender')`
      : `query NOT LIKE 'autovacuum:%'`;
  const { rows } = await session.query(
    `WITH clock AS (SELECT ${clock} AS at),
     sessions AS (
       SELECT min(xact_start) AS oldest, count(CASE WHEN state IS NULL OR state = 'disabled' THEN 1 END) AS hidden
       FROM pg_catalog.pg_stat_activity
       WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() AND ${others}
     ),
     prepared AS (
       SELECT min(prepared) AS oldest FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()
     ),
     held AS (
       SELECT c.at, s.hidden, least(c.at - ${REPORT_DELAY}, s.oldest,
         p.oldest - interval '${overlapSeconds} seconds',
         CASE WHEN s.hidden > 0 OR ${session.standby} THEN c.at - ${unseen} END) AS safe
       FROM clock c, sessions s, prepared p
     )
     SELECT ${toColumn('h.at')}::text AS now, ${toColumn('h.safe')}::text AS safe, h.hidden,
       extract(epoch FROM h.at) * 1000 AS clock_ms, extract(epoch FROM h.at - h.safe) AS held FROM held h`,
    [],
    signal,
  );
  const found = rows[0]!;
  return {
    now: found.now!,
    safe: found.safe!,
    clockMs: Number(found.clock_ms),
    hidden: Number(found.hidden),
    heldSeconds: Number(found.held),
  };
}

/** An instant as a value of a column of some type, in the zone of its wall clock. */
export function instantAs(type: string, zone: string): (instant: string) => string {
  if (type === 'timestamptz') return (instant) => instant;
  const wall = (instant: string) => `(${instant} AT TIME ZONE ${literal(zone)})`;
  return type === 'date' ? (instant) => `${wall(instant)}::date` : wall;
}
