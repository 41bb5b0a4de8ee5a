/**
 * Copies one million rows of 16 columns from one table to another through the connector, beside `mariadb --quick` and
 * `LOAD DATA LOCAL INFILE` of the native client, and prints rows per second and the CPU this process spends on a row.
 *
 *   npm run build && node plugins/connector-mysql/bench/read-write.js mysql://user:password@127.0.0.1:3306/database
 *
 * It makes the tables bench_qianzhi_source and bench_qianzhi_target and drops them afterwards; MariaDB only.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import plugin from '../dist/index.js';

const ROWS = 1_000_000;
const BATCH_BYTES = 12 * 1024 * 1024;
const address = process.argv[2];
if (!address) {
  console.error(
    'usage: node plugins/connector-mysql/bench/read-write.js mysql://user:password@host:port/database',
  );
  process.exit(2);
}
const url = new URL(address);
const config = {
  host: url.hostname,
  port: Number(url.port || 3306),
  database: url.pathname.slice(1),
  user: decodeURIComponent(url.username),
  password: decodeURIComponent(url.password),
};
const signal = new AbortController().signal;
const context = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => new Date(),
  tempDir: tmpdir(),
  timeZone: 'Asia/Shanghai',
};

const columns = `id bigint PRIMARY KEY, code varchar(20) NOT NULL, name varchar(60), uscc char(18), region varchar(6), addr varchar(200),
  legal varchar(20), phone varchar(20), capital decimal(18,2), staff int, founded date, updated_at datetime(6), status varchar(2),
  kind varchar(4), note varchar(100), active tinyint(1)`;

/** The native client; the password goes by the environment. */
function client(args, input) {
  const login = [
    '--local-infile',
    '-h',
    config.host,
    '-P',
    String(config.port),
    '-u',
    config.user,
    config.database,
  ];
  const env = { ...process.env, MYSQL_PWD: config.password };
  return execFileSync('mariadb', [...login, ...args], { env, input, maxBuffer: 1 << 30 });
}

function makeTables() {
  client(
    [],
    `DROP TABLE IF EXISTS bench_qianzhi_source, bench_qianzhi_target;
    CREATE TABLE bench_qianzhi_source (${columns}) CHARACTER SET utf8mb4;
    INSERT INTO bench_qianzhi_source SELECT seq, CONCAT('E', LPAD(seq, 10, '0')), CONCAT('惠州市第', seq, '号有限公司'),
      CONCAT('91441300', LPAD(seq, 10, '0')), '441300', CONCAT('广东省惠州市惠城区江北街道文明一路', seq MOD 1000, '号'), '张三丰',
      CONCAT('138', LPAD(seq, 8, '0')), seq * 1.25, seq MOD 5000, '2001-02-03' + INTERVAL (seq MOD 5000) DAY,
      '2026-01-01 08:00:00.123456' + INTERVAL seq SECOND, '01', 'A001', CONCAT('备注', seq), seq MOD 2 FROM seq_1_to_${ROWS};
    CREATE TABLE bench_qianzhi_target LIKE bench_qianzhi_source;`,
  );
}

async function timed(name, rows, work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const perRow = ((user + system) / rows).toFixed(2);
  console.log(`${name}: ${Math.round(rows / seconds)} rows/s, ${perRow} us of our CPU a row`);
}

const connection = await plugin.role.open(config, context, signal);
makeTables();
const [table] = await connection.discover({ table: 'bench_qianzhi_source' }, signal);
const resource = {
  code: 'bench',
  name: 'bench',
  schemaVersion: 1,
  items: table.columns.map((column) => ({
    name: column.name,
    column: column.name,
    type: column.type,
    ...(column.length && { length: column.length }),
    ...(column.precision && { precision: column.precision, scale: column.scale }),
    ...(table.primaryKey.includes(column.name) && { key: true }),
  })),
};

async function* blocks(parallel) {
  const source = { table: 'bench_qianzhi_source', parallel };
  const opened = await connection.source({ resource, strategy: 'snapshot', source }, signal);
  yield* opened.read(undefined, { blockBytes: 1024 * 1024 }, signal);
  await opened[Symbol.asyncDispose]();
}

const file = join(tmpdir(), `bench-qianzhi-${process.pid}.txt`);
for (let round = 1; round <= 3; round++) {
  const select = 'SELECT * FROM bench_qianzhi_source';
  await timed('read: mariadb --quick --batch', ROWS, () =>
    client(['--quick', '--batch', '-N', '-e', select]),
  );
  for (const parallel of [1, 2]) {
    await timed(`read: connector, parallel ${parallel}`, ROWS, async () => {
      for await (const _ of blocks(parallel));
    });
  }
}

const batches = [];
let pending = [];
let size = 0;
let rows = 0;
const cut = () => {
  if (rows > 0) batches.push({ bytes: Buffer.concat(pending), rows });
  pending = [];
  size = rows = 0;
};
for await (const block of blocks(1)) {
  pending.push(Buffer.from(block.bytes));
  size += block.bytes.length;
  rows += block.rows;
  if (size > BATCH_BYTES) cut();
}
cut();

const sink = await connection.sink(
  { exchange: 'bench', resource, target: { table: 'bench_qianzhi_target', takeOver: true } },
  signal,
);
const stream = { resource: 'bench', agent: `bench-${Date.now()}`, epoch: 1 };
let seq = 0;
async function write(bytes, count, kind, snapshot) {
  const rowsDigest = `sha256:${createHash('sha256').update(bytes).digest('base64url')}`;
  const delivery = { agreement: 'bench', grantVersion: 1, stream };
  const batch = { delivery, seq: ++seq, kind, snapshot, resource, rowsDigest, rows: count, bytes };
  return sink.write(batch, async () => {}, signal);
}

for (let round = 1; round <= 2; round++) {
  const dump = client(['--quick', '--batch', '-N', '-e', 'SELECT * FROM bench_qianzhi_source']);
  writeFileSync(file, dump);
  client(['-e', 'TRUNCATE bench_qianzhi_target']);
  await timed(`write: LOAD DATA of ${statSync(file).size >> 20} MiB`, ROWS, () =>
    client(['-e', `LOAD DATA LOCAL INFILE '${file}' INTO TABLE bench_qianzhi_target CHARACTER SET utf8mb4`]),
  );
  await timed('write: connector, snapshot', ROWS, async () => {
    for (const [at, { bytes, rows: count }] of batches.entries()) {
      const last = at === batches.length - 1;
      const totals = last ? { totals: { parts: batches.length, rows: ROWS } } : {};
      await write(bytes, count, 'snapshot', { id: `s${round}`, part: at + 1, last, ...totals });
    }
  });
  const first = batches[0];
  const changed = Buffer.from(first.bytes.toString().replace(/^S/gm, 'U').replaceAll('备注', `改${round}`));
  await timed('write: connector, delta of changed rows', first.rows, () =>
    write(changed, first.rows, 'delta'),
  );
  await timed('write: connector, delta of equal rows', first.rows, () => write(changed, first.rows, 'delta'));
}
await sink[Symbol.asyncDispose]();
rmSync(file, { force: true });
client(['-e', 'DROP TABLE bench_qianzhi_source, bench_qianzhi_target']);
await connection[Symbol.asyncDispose]();
