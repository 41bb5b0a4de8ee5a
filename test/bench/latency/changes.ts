import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Pair } from './servers.js';

/** Milliseconds from commit to commit, by the clock of the machine that both servers are on. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const ARRIVE_DEADLINE_MS = 20_000;
const LOOK_MS = 100;
/** Sessions that write: one alone does not commit 2,000 times a second. */
const WRITERS = 4;

/** Waits until every row of the source is at the target with the value it has there. */
export async function arrived({ source, target, table }: Pair): Promise<void> {
  const sum = 'SELECT count(*) AS rows, coalesce(sum(staff), 0) AS staff FROM';
  const { rows: wanted } = await source.query(`${sum} enterprise`);
  for (const deadline = performance.now() + ARRIVE_DEADLINE_MS; ; await setTimeout(LOOK_MS)) {
    const { rows: found } = await target.query(`${sum} ${table}`);
    if (found[0].rows === wanted[0].rows && found[0].staff === wanted[0].staff) return;
    if (performance.now() > deadline) throw new Error(`${found[0].rows} rows of ${wanted[0].rows} arrived`);
  }
}

/** Changes one row after the other, each once and in a transaction of its own, and measures when each was committed at both. */
export async function changeAtRate(
  pair: Pair,
  url: string,
  keys: readonly string[],
  ratePerSecond: number,
): Promise<Latency> {
  const here = async (client: pg.Client) =>
    (await client.query('SELECT pg_current_wal_lsn() AS here')).rows[0].here as string;
  const since = { source: await here(pair.source), target: await here(pair.target) };
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const client = new pg.Client(url);
      await client.connect();
      return client;
    }),
  );
  try {
    const text = 'UPDATE enterprise SET staff = coalesce(staff, 0) + 1 WHERE uscc = $1';
    const start = performance.now();
    await Promise.all(
      writers.map(async (client, writer) => {
        for (let at = writer; at < keys.length; at += WRITERS) {
          const due = start + (at * 1000) / ratePerSecond - performance.now();
          if (due > 0) await setTimeout(due);
          await client.query({ name: 'change', text, values: [keys[at]] });
        }
      }),
    );
  } finally {
    for (const client of writers) await client.end();
  }
  await arrived(pair);
  return latencyOf(pair, keys, since);
}

async function latencyOf(
  { source, target, table }: Pair,
  keys: readonly string[],
  since: { readonly source: string; readonly target: string },
): Promise<Latency> {
  const before = await committed(source, 'enterprise', keys, since.source);
  const after = await committed(target, table, keys, since.target);
  return latencyIn(keys.map((key) => after.get(key)! - before.get(key)!));
}

export function latencyIn(times: readonly number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

/**
 * When the newest version of each row was committed, in milliseconds. By the commit's record in the log and not by
 * `pg_xact_commit_timestamp`: PostgreSQL's replication gives its commits the time that they had at the source.
 */
async function committed(
  client: pg.Client,
  table: string,
  keys: readonly string[],
  since: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows: commits } = await client.query(
    `SELECT xid::text, description, extract(epoch FROM split_part(description, ';', 1)::timestamptz) * 1000 AS at
     FROM pg_get_wal_records_info($1, pg_current_wal_flush_lsn())
     WHERE resource_manager = 'Transaction' AND record_type = 'COMMIT'`,
    [since],
  );
  const times = new Map<string, number>();
  for (const { xid, description, at } of commits) {
    const inner = /; subxacts: ([\d ]+)/.exec(description)?.[1]?.trim().split(' ') ?? [];
    for (const one of [xid, ...inner]) times.set(one, Number(at));
  }
  const text = `SELECT uscc, xmin::text FROM ${table} WHERE uscc = ANY ($1)`;
  const { rows } = await client.query(text, [keys]);
  return new Map(
    rows.map(({ uscc, xmin }) => {
      if (!times.has(xmin)) throw new Error(`the commit of ${uscc} is not in the log`);
      return [uscc as string, times.get(xmin)!];
    }),
  );
}
