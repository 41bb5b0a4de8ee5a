/**
 * What the target side costs: a snapshot of mixed columns into a logged shadow table with primary key against `psql COPY FROM` of
 * the same text into such a table, a delta of 5 % upserts against row-wise ON CONFLICT, and the time of one small batch.
 *
 *   QZ_BENCH_POSTGRES_URL=postgres://user:password@host/database node bench/sink.js [rows] [--runs n]
 *
 * Makes schema qianzhi_bench and drops it. CPU of the server's process is read from /proc where the server runs here.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import connector from '../dist/index.js';
import { eachPart, resource, rowsFrom, tableSql } from './sink-rows.js';

const url = process.env.QZ_BENCH_POSTGRES_URL;
if (!url) throw new Error('QZ_BENCH_POSTGRES_URL: the address of a server to measure on');
const total = Number(process.argv[2] ?? 2_000_000);
const runs = Number(process.argv[process.argv.indexOf('--runs') + 1] || 5);
const schema = 'qianzhi_bench';
const signal = new AbortController().signal;
const context = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => new Date(),
  tempDir: '/tmp',
  timeZone: 'Asia/Shanghai',
};

const admin = new pg.Client(url);
await admin.connect();
await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`);
const address = new URL(url);
const config = {
  host: address.hostname,
  port: Number(address.port || 5432),
  database: address.pathname.slice(1),
  user: decodeURIComponent(address.username),
  password: decodeURIComponent(address.password),
  schema,
};
const role = connector.role ?? connector;
const connection = await role.open(config, context, signal);

let seq = 0;
let exchange = 0;
const delivery = {
  agreement: 'bench',
  grantVersion: 1,
  stream: { resource: 'bench', agent: 'bench', epoch: 1 },
};

function batchOf(bytes, rows, more) {
  const rowsDigest = `sha256:${createHash('sha256').update(`${seq}`).digest('base64url')}`;
  return { delivery, seq: ++seq, resource, rowsDigest, rows, bytes, kind: 'delta', ...more };
}

const openSink = () =>
  connection.sink(
    { exchange: `bench-${++exchange}`, resource, target: { table: 'target', takeOver: true } },
    signal,
  );
const refused = async (rows) => {
  throw new Error(`${rows.length} rows refused: ${rows[0].item} ${rows[0].reason}`);
};

/** CPU of a server process so far, in ms; NaN where it runs elsewhere. */
function cpuOf(pid) {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
    return (Number(user) + Number(system)) * 10;
  } catch {
    return Number.NaN;
  }
}

async function backend() {
  const { rows } = await admin.query(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'qianzhi' AND datname = current_database() ORDER BY backend_start DESC LIMIT 1`,
  );
  return rows[0].pid;
}

/** Wall clock, our CPU and the CPU of the server's process, per row. */
async function measured(rows, pid, work) {
  const [ours, theirs, start] = [process.cpuUsage(), cpuOf(pid), performance.now()];
  await work();
  const ms = performance.now() - start;
  const used = process.cpuUsage(ours);
  return {
    rowsPerSecond: Math.round((rows / ms) * 1000),
    ourMicros: (used.user + used.system) / rows,
    serverMicros: ((cpuOf(pid) - theirs) * 1000) / rows,
  };
}

async function snapshotRun() {
  await admin.query(`DROP TABLE IF EXISTS ${schema}.target; ${tableSql(`${schema}.target`)}; CHECKPOINT`);
  const sink = await openSink();
  const pid = await backend();
  const result = await measured(total, pid, async () => {
    let part = 0;
    for (const { bytes, rows, last } of eachPart(total)) {
      const snapshot = { id: `s${exchange}`, part: ++part, last };
      await sink.write(batchOf(bytes, rows, { kind: 'snapshot', snapshot }), refused, signal);
    }
  });
  await sink[Symbol.asyncDispose]();
  return result;
}

async function psqlRun() {
  await admin.query(`DROP TABLE IF EXISTS ${schema}.target; ${tableSql(`${schema}.target`)}; CHECKPOINT`);
  const psql = spawn('psql', [url, '-qc', `COPY ${schema}.target FROM STDIN`], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = new Promise((resolve, reject) => {
    psql.on('error', reject);
    psql.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`psql ended with ${code}`))));
  });
  const start = performance.now();
  for (const { plain } of eachPart(total)) {
    if (!psql.stdin.write(plain)) await new Promise((resolve) => psql.stdin.once('drain', resolve));
  }
  psql.stdin.end();
  await ended;
  return { rowsPerSecond: Math.round((total / (performance.now() - start)) * 1000) };
}

/** Every 20th row, with another memo each time, in batches as the chain cuts them. */
function changes(tag) {
  const step = 20;
  const count = Math.floor(total / step);
  return { count, bytes: rowsFrom(0, count, { op: 'U', step, tag }) };
}

async function deltaRun(tag) {
  const { count, bytes } = changes(tag);
  await admin.query('CHECKPOINT');
  const sink = await openSink();
  const pid = await backend();
  let ledger;
  const result = await measured(count, pid, async () => {
    ledger = await sink.write(batchOf(bytes, count), refused, signal);
  });
  if (ledger.counts.updated !== count) throw new Error(`updated ${ledger.counts.updated} of ${count}`);
  await sink[Symbol.asyncDispose]();
  return result;
}

async function rowWiseRun(tag) {
  const { count, bytes } = changes(tag);
  const lines = bytes.toString().split('\n').slice(0, -1);
  const names = resource.items.map((item) => item.column);
  const sql = `INSERT INTO ${schema}.target (${names.join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})
    ON CONFLICT (${names[0]}) DO UPDATE SET ${names
      .slice(1)
      .map((name) => `${name} = excluded.${name}`)
      .join(', ')}`;
  await admin.query('CHECKPOINT');
  const start = performance.now();
  await admin.query('BEGIN');
  for (const line of lines) {
    const values = line
      .split('\t')
      .slice(1)
      .map((text) => (text === '\\N' ? null : text));
    await admin.query({ name: 'upsert', text: sql, values });
  }
  await admin.query('COMMIT');
  return { rowsPerSecond: Math.round((count / (performance.now() - start)) * 1000) };
}

async function smallRun(tag) {
  const sink = await openSink();
  const times = [];
  for (let round = 0; round < 220; round++) {
    const bytes = rowsFrom(round, 1, { op: 'U', tag: `${tag}-${round}` });
    const start = performance.now();
    await sink.write(batchOf(bytes, 1), refused, signal);
    if (round >= 20) times.push(performance.now() - start);
  }
  await sink[Symbol.asyncDispose]();
  times.sort((a, b) => a - b);
  return { p50Ms: times[100], p99Ms: times[198] };
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function compare(kinds) {
  const found = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  for (let run = 0; run <= runs; run++) {
    const names = Object.keys(kinds);
    for (const name of run % 2 ? names.reverse() : names) {
      const result = await kinds[name](`${name}${run}`);
      if (run > 0) found[name].push(result);
    }
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, results]) => [
      name,
      Object.fromEntries(
        Object.keys(results[0]).map((key) => [
          key,
          Number(median(results.map((r) => r[key])).toPrecision(4)),
        ]),
      ),
    ]),
  );
}

try {
  const load = await compare({ psql: psqlRun, snapshot: snapshotRun });
  console.log(
    JSON.stringify({ rows: total, ...load, ratio: load.snapshot.rowsPerSecond / load.psql.rowsPerSecond }),
  );
  await snapshotRun();
  await admin.query(`VACUUM ANALYZE ${schema}.target`);
  const merge = await compare({ rowWise: rowWiseRun, delta: deltaRun });
  console.log(
    JSON.stringify({
      changed: Math.floor(total / 20),
      ...merge,
      times: merge.delta.rowsPerSecond / merge.rowWise.rowsPerSecond,
    }),
  );
  console.log(JSON.stringify({ smallBatch: await smallRun('small') }));
} finally {
  await connection[Symbol.asyncDispose]();
  await admin.query(`DROP SCHEMA ${schema} CASCADE`);
  await admin.end();
}
