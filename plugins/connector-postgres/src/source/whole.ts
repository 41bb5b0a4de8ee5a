import type { ReadLimits } from '@qianzhi/plugin-api';
import type { Session } from '../connection/session.js';
import { literal } from '../identifier.js';
import { type Range, readRanges } from './ranges.js';
import type { Reading } from './reading.js';
import type { Stretch } from './stretch.js';

/** Pieces of a table by where they lie are found without a scan from here on. */
const TID_RANGES = 140_000;
/** 256 MiB of table at PostgreSQL's usual block size. */
const RANGE_BLOCKS = 32_768;
/** The limit of a statement that reads a whole table: it must end some day even if nobody takes its rows. */
const WHOLE_TABLE_MS = 86_400_000;

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/**
 * Reads a table as of one moment, in the order in which it lies on the disk. It cannot be resumed: whoever goes on
 * starts over. Several sessions share the moment by its exported snapshot.
 */
export async function* readAsOfOneMoment(
  reading: Reading,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<Stretch> {
  const sessions = [await reading.sessions.take(signal)];
  let done = false;
  try {
    const first = sessions[0]!;
    await first.query(BEGIN, [], signal);
    const ranges = limits.maxRows === undefined ? await blockRanges(reading, first, signal) : undefined;
    if (ranges) await joinMoment(reading, sessions, ranges.length, signal);
    else await first.query(`SET LOCAL statement_timeout = ${WHOLE_TABLE_MS}`, [], signal);
    const left = (ranges ?? [wholeTable(limits)]).values();
    const next = async () => left.next().value;
    yield* readRanges({ ...reading, order: undefined }, sessions, next, limits, signal);
    for (const session of sessions) await session.query('COMMIT', [], signal);
    done = true;
  } finally {
    // a session that is left in its transaction is of no more use
    for (const session of sessions) {
      if (!done) session.abandon();
      await reading.sessions.give(session);
    }
  }
}

/** Opens the other sessions of a parallel read, at the moment of the first one. */
async function joinMoment(
  reading: Reading,
  sessions: Session[],
  ranges: number,
  signal: AbortSignal,
): Promise<void> {
  const wanted = Math.min(reading.spec.parallel, ranges);
  if (wanted < 2) return;
  const { rows } = await sessions[0]!.query('SELECT pg_catalog.pg_export_snapshot() AS moment', [], signal);
  while (sessions.length < wanted) {
    const other = await reading.sessions.take(signal);
    sessions.push(other);
    await other.query(`${BEGIN}; SET TRANSACTION SNAPSHOT ${literal(rows[0]!.moment!)}`, [], signal);
  }
}

function wholeTable({ maxRows }: ReadLimits): Range {
  return { conditions: [], tail: maxRows === undefined ? '' : `LIMIT ${maxRows}` };
}

/** Pieces of the table by where they lie; undefined where PostgreSQL would scan all of it for each. */
async function blockRanges(
  { table }: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<readonly Range[] | undefined> {
  const stored = table.kind === 'table' || table.kind === 'materialized-view';
  if (!stored || table.hasChildren || session.version < TID_RANGES) return undefined;
  const { rows } = await session.query(
    `SELECT pg_catalog.pg_relation_size($1::oid::regclass) / pg_catalog.current_setting('block_size')::bigint AS blocks`,
    [table.oid],
    signal,
  );
  const blocks = Number(rows[0]!.blocks);
  const ranges: Range[] = [];
  for (let from = 0; from === 0 || from < blocks; from += RANGE_BLOCKS) {
    const conditions = [`ctid >= '(${from},0)'::tid`];
    if (from + RANGE_BLOCKS < blocks) conditions.push(`ctid < '(${from + RANGE_BLOCKS},0)'::tid`);
    ranges.push({ conditions, tail: '' });
  }
  return ranges;
}
