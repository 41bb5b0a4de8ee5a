import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createRowWriter } from '@qianzhi/rows';
import plugin from '../dist/index.js';

/** Rows per second of writing batches of 90,000 rows of 8 columns as files, for each form, and the longest time the event loop was held. */
const batches = Number(process.argv[2] ?? 10);
const rows = 90_000;
const folder = mkdtempSync(join(tmpdir(), 'qianzhi-files-bench-'));
const item = (column, type, more = {}) => ({ name: column, column, type, ...more });
const items = [
  item('id', 'C', { length: 20, key: true, required: true }),
  item('name', 'C', { length: 200 }),
  item('amount', 'N', { precision: 12, scale: 2 }),
  item('count', 'I'),
  item('founded', 'D'),
  item('updated_at', 'T'),
  item('active', 'L'),
  item('note', 'C', { length: 200 }),
];
const resource = { code: 'bench', name: 'bench', department: 'mz', schemaVersion: 1, items };
const writer = createRowWriter(8 * 1024 * 1024);
for (let n = 0; n < rows; n++) {
  const values = [
    `E${n}`,
    `某某科技有限公司${n}`,
    '1.50',
    String(n),
    '2026-01-02',
    '2026-01-02 03:04:05',
    't',
  ];
  writer.begin('U');
  for (const value of [...values, '惠州市惠城区,江北街道']) writer.text(value);
  writer.end();
}
const bytes = writer.take();
const context = { log: console, now: () => new Date(), tempDir: folder, timeZone: 'Asia/Shanghai' };
const signal = AbortSignal.timeout(600_000);
const delivery = {
  agreement: 'bench',
  grantVersion: 1,
  stream: { resource: 'bench', agent: 'bench', epoch: 1 },
};
const connection = await plugin.role.open({ path: folder }, context, signal);

for (const [format, encoding] of [
  ['csv', 'utf-8'],
  ['csv', 'gbk'],
  ['csv', 'gb18030'],
  ['jsonl', 'utf-8'],
]) {
  const target = { name: `${format}-${encoding}`, format, encoding };
  const sink = await connection.sink({ exchange: 'bench', resource, target }, signal);
  let heldMs = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    heldMs = Math.max(heldMs, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const start = performance.now();
  for (let seq = 1; seq <= batches; seq++) {
    const batch = { delivery, seq, kind: 'delta', resource, rowsDigest: `sha256:${seq}`, rows, bytes };
    await sink.write(batch, async () => {}, signal);
  }
  const seconds = (performance.now() - start) / 1000;
  clearInterval(pulse);
  const rowsPerSecond = Math.round((rows * batches) / seconds);
  console.log(JSON.stringify({ format, encoding, rowsPerSecond, heldMs: Math.round(heldMs) }));
}
rmSync(folder, { recursive: true });
