/**
 * Reads one million rows of 16 columns through the connector and through `psql -c "COPY … TO STDOUT"`, in turns, and
 * prints rows per second and the CPU this process spends on a row.
 *
 *   npm run build && node plugins/connector-postgres/bench/read.js postgres://user:password@host:port/database
 *
 * It makes the table bench_read_qianzhi and drops it afterwards.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import plugin from '../dist/index.js';

const ROWS = 1_000_000;
const ROUNDS = 5;
const TABLE = 'bench_read_qianzhi';
const address = process.argv[2];
if (!address) {
  console.error(
    'usage: node plugins/connector-postgres/bench/read.js postgres://user:password@host:port/database',
  );
  process.exit(2);
}
const url = new URL(address);
const config = {
  host: url.hostname,
  port: Number(url.port || 5432),
  database: url.pathname.slice(1),
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
};
const signal = new AbortController().signal;

async function makeTable(client) {
  await client.query(`DROP TABLE IF EXISTS ${TABLE}`);
  await client.query(`CREATE TABLE ${TABLE} (
    id bigint PRIMARY KEY, uscc varchar(18) NOT NULL, name varchar(200) NOT NULL, legal varchar(50),
    cert varchar(18), phone varchar(20), region char(6) NOT NULL, kind varchar(4) NOT NULL, capital numeric(18,2), staff int,
    founded date NOT NULL, approved timestamp, active boolean NOT NULL, score double precision, address text, updated_at timestamp NOT NULL)`);
  await client.query(`INSERT INTO ${TABLE} SELECT i, '9144130' || lpad(i::text, 11, '0'), '惠州市第' || i || '有限责任公司',
    '张三' || i % 1000, '44130119800101' || lpad((i % 10000)::text, 4, '0'), '138' || lpad(i::text, 8, '0'),
    '4413' || lpad((i % 20)::text, 2, '0'), (i % 9)::text, (i % 1000000) * 1.37, i % 5000, date '2000-01-01' + i % 8000,
    timestamp '2020-01-01' + i * interval '1 s' + interval '123 ms', i % 3 = 0, i % 1000 / 7.0,
    '广东省惠州市惠城区江北街道' || i || '号', timestamp '2024-01-01' + i * interval '1 s' FROM generate_series(1, ${ROWS}) i`);
  await client.query(`VACUUM ANALYZE ${TABLE}`);
}

async function resourceOf(connection) {
  const [table] = await connection.discover({ table: TABLE }, signal);
  const items = table.columns.map((column) => ({
    name: column.name,
    column: column.name,
    type: column.type,
    ...(column.length && { length: column.length }),
    ...(column.precision && { precision: column.precision, scale: column.scale }),
    ...(table.primaryKey.includes(column.name) && { key: true }),
  }));
  return { code: 'bench', name: 'bench', schemaVersion: 1, items };
}

async function readThroughConnector(connection, resource, more) {
  const spec = { resource, strategy: 'snapshot', source: { table: TABLE, ...more } };
  const source = await connection.source(spec, signal);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let rows = 0;
  for await (const block of source.read(undefined, { blockBytes: 262_144 }, signal)) rows += block.rows;
  const seconds = (performance.now() - start) / 1000;
  const spent = process.cpuUsage(cpu);
  await source[Symbol.asyncDispose]();
  if (rows !== ROWS) throw new Error(`${rows} rows instead of ${ROWS}`);
  return { seconds, cpuMicros: (spent.user + spent.system) / rows };
}

async function readThroughPsql() {
  const start = performance.now();
  const psql = spawn('psql', ['-qXc', `COPY ${TABLE} TO STDOUT`, address], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(psql, 'exit');
  if (code !== 0) throw new Error('psql failed');
  return { seconds: (performance.now() - start) / 1000 };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const client = new pg.Client(address);
await client.connect();
const context = { log: console, now: () => new Date(), tempDir: '.', timeZone: 'Asia/Shanghai' };
const connection = await plugin.role.open(config, context, signal);
try {
  await makeTable(client);
  const resource = await resourceOf(connection);
  const ways = {
    psql: readThroughPsql,
    connector: () => readThroughConnector(connection, resource, {}),
    'connector, parallel 2': () => readThroughConnector(connection, resource, { parallel: 2 }),
    'connector, one moment': () => readThroughConnector(connection, resource, { consistency: 'transaction' }),
  };
  const results = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  const names = Object.keys(ways);
  for (let round = -1; round < ROUNDS; round++) {
    for (let at = 0; at < names.length; at++) {
      // the order rotates, so that no way always follows the same one; the first round only warms up
      const name = names[(at + round + names.length) % names.length];
      const result = await ways[name]();
      if (round >= 0) results[name].push(result);
    }
  }
  for (const [name, rounds] of Object.entries(results)) {
    const rate = Math.round(ROWS / median(rounds.map((result) => result.seconds)));
    const cpu =
      rounds[0].cpuMicros === undefined
        ? ''
        : `  ${median(rounds.map((result) => result.cpuMicros)).toFixed(2)} µs CPU/row`;
    console.log(`${name.padEnd(24)} ${rate.toLocaleString('en').padStart(9)} rows/s${cpu}`);
  }
} finally {
  await client.query(`DROP TABLE IF EXISTS ${TABLE}`);
  await client.end();
  await connection[Symbol.asyncDispose]();
}
