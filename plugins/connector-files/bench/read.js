import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import iconv from 'iconv-lite';
import plugin from '../dist/index.js';

/** Rows per second of reading a CSV of 16 columns, for each encoding: `node bench/read.js [rows]`. */
const rows = Number(process.argv[2] ?? 500_000);
const folder = mkdtempSync(join(tmpdir(), 'qianzhi-files-bench-'));
const texts = ['name', 'address', 'note', 'region', 'street', 'phone', 'office', 'contact'];
const item = (column, type, more = {}) => ({ name: column, column, type, ...more });
const items = [
  item('id', 'C', { length: 20, key: true, required: true }),
  ...texts.map((column) => item(column, 'C', { length: 200 })),
  item('amount', 'N', { precision: 12, scale: 2 }),
  item('count', 'I'),
  item('founded', 'D'),
  item('updated_at', 'T'),
  item('active', 'L'),
  item('code', 'C', { length: 20 }),
  item('kind', 'C', { length: 20 }),
];
const resource = { code: 'bench', name: 'bench', department: 'mz', schemaVersion: 1, items };
const line = (n) =>
  `E${String(n).padStart(8, '0')},某某科技有限公司${n},惠州市惠城区江北街道${n % 1000}号,备注,441300,江北,13800000000,办公室,张三,${n % 10000}.50,${n},2026-01-02,2026-01-02 03:04:05.678,t,9144130${n % 100000},企业\n`;
const header = `${items.map(({ column }) => column).join(',')}\n`;
const context = { log: console, now: () => new Date(), tempDir: folder, timeZone: 'Asia/Shanghai' };
const signal = AbortSignal.timeout(600_000);

for (const encoding of ['utf-8', 'gb18030', 'utf-16le']) {
  const path = join(folder, 'bench.csv');
  writeFileSync(path, iconv.encode(header, encoding));
  for (let n = 0; n < rows; n += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - n) }, (_, at) => line(n + at));
    appendFileSync(path, iconv.encode(lines.join(''), encoding));
  }
  const bytes = statSync(path).size;
  const connection = await plugin.role.open({ path: folder }, context, signal);
  const source = { pattern: 'bench.csv', encoding, complete: { quietSeconds: 0 } };
  const opened = await connection.source({ resource, strategy: 'snapshot', source }, signal);
  const start = performance.now();
  let read = 0;
  for await (const block of opened.read(undefined, { blockBytes: 1024 * 1024 }, signal)) read += block.rows;
  const seconds = (performance.now() - start) / 1000;
  if (read !== rows) throw new Error(`${read} rows read of ${rows}`);
  console.log(
    JSON.stringify({
      encoding,
      rowsPerSecond: Math.round(rows / seconds),
      mebibytesPerSecond: Math.round(bytes / seconds / 1024 / 1024),
      peakMebibytes: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  );
}
rmSync(folder, { recursive: true });
