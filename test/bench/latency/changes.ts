import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { Pair } from './servers.js';

/** Milliseconds from commit to commit, as both servers have them. */
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
  return latencyOf(pair, keys);
}

async function latencyOf({ source, target, table }: Pair, keys: readonly string[]): Promise<Latency> {
  const committed = async (client: pg.Client, from: string) => {
    const { rows } = await client.query(
      `SELECT uscc, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS at FROM ${from} WHERE uscc = ANY ($1)`,
      [keys],
    );
    return new Map<string, number>(rows.map(({ uscc, at }) => [uscc, Number(at)]));
  };
  const before = await committed(source, 'enterprise');
  const after = await committed(target, table);
  const sorted = keys.map((key) => after.get(key)! - before.get(key)!).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
