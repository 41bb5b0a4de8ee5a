/** What a batch download costs: a state folded from batches, and a file of each format made from it; the child process's time and memory. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataset, deliverFormats, type RowFile } from '@qianzhi/dataset';
import type { CatalogResource } from '@qianzhi/model';
import { bytesDigest, compress, createRowWriter } from '@qianzhi/rows';
import { report } from './measure.js';
import { numberOption, rounded, say } from './options.js';

const BATCH_ROWS = 50_000;

const items = [
  { column: 'uscc', type: 'C', length: 18, key: true },
  { column: 'name', type: 'C', length: 100 },
  { column: 'reg_no', type: 'C', length: 15 },
  { column: 'address', type: 'C', length: 200 },
  { column: 'founded', type: 'D' },
  { column: 'changed', type: 'T' },
  { column: 'capital', type: 'N', precision: 18, scale: 2 },
  { column: 'staff', type: 'I' },
  { column: 'person', type: 'C', length: 50 },
  { column: 'person_id', type: 'C', length: 18 },
  { column: 'kind', type: 'C', length: 2 },
  { column: 'phone', type: 'C', length: 20 },
  { column: 'active', type: 'L' },
  { column: 'rate', type: 'B' },
  { column: 'postcode', type: 'C', length: 6 },
  { column: 'note', type: 'M' },
].map((item) => ({ name: item.column, ...item }));
const resource = {
  code: 'bench',
  name: '测速',
  department: 'd',
  schemaVersion: 1,
  items,
} as unknown as CatalogResource;

function row(n: number): string[] {
  return [
    `91440300${String(n).padStart(10, '0')}`,
    `惠州市第${n}号科技有限公司`,
    String(441300000000000 + n),
    `广东省惠州市惠城区江北街道文明一路${n % 999}号`,
    `20${String(n % 25).padStart(2, '0')}-03-1${n % 10}`,
    `2026-01-0${1 + (n % 9)} 08:15:${String(n % 60).padStart(2, '0')}.${(n % 999) + 1}`.replace(/0+$/, ''),
    `${n % 100_000}.50`,
    String(n % 500),
    '欧阳明',
    `44130219800101${String(n % 10_000).padStart(4, '0')}`,
    String(n % 30).padStart(2, '0'),
    `138${String(n % 100_000_000).padStart(8, '0')}`,
    n % 3 === 0 ? 't' : 'f',
    String(n / 8),
    '516000',
    '经营范围以登记机关核准为准',
  ];
}

interface Cost {
  readonly seconds: number;
  readonly childPeakMiB: number;
  readonly ownPeakMiB: number;
  readonly fileMiB: number;
}

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 1_000_000);
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-bench-'));
  const signal = new AbortController().signal;
  const dataset = await createDataset({ workDir: join(folder, 'work'), memoryLimitMb: 512 });
  try {
    const batches = await seal(folder, rows);
    const costs: Record<string, Cost> = {};
    const fold = async (name: string, base: readonly RowFile[], list: readonly RowFile[]) => {
      let files: readonly RowFile[] = [];
      costs[name] = await measure(async () => {
        const made = await dataset.fold(
          { resource, base, batches: list, output: join(folder, name) },
          signal,
        );
        files = made.files;
        return made.files.reduce((sum, { bytes }) => sum + bytes, 0);
      });
      say(`${name}: ${told(costs[name])}`);
      return files;
    };
    const state = await fold('fold', [], batches);
    await fold('fold-again', state, batches.slice(0, 1));
    for (const format of deliverFormats) {
      costs[format] = await measure(async () => {
        const output = join(folder, format);
        const made = await dataset.deliver(
          {
            resource,
            columns: items.map(({ column }) => column),
            masks: {},
            suppliers: [{ rows: state }],
            changes: false,
            format,
            encoding: 'utf-8',
            header: 'names',
            seed: '5a'.repeat(32),
            name: 'bench',
            output,
          },
          signal,
        );
        await rm(output, { recursive: true });
        return made.bytes;
      });
      say(`${format}: ${told(costs[format])}`);
    }
    report(
      options,
      { rows, columns: items.length, costs },
      Object.entries(costs).map(([name, cost]) => `${name.padEnd(12)}${told(cost)}`),
    );
  } finally {
    await dataset[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

async function seal(folder: string, rows: number): Promise<RowFile[]> {
  await mkdir(join(folder, 'batches'));
  const files: RowFile[] = [];
  for (let from = 0; from < rows; from += BATCH_ROWS) {
    const writer = createRowWriter();
    const count = Math.min(BATCH_ROWS, rows - from);
    for (let n = from; n < from + count; n++) {
      writer.begin('S');
      for (const field of row(n)) writer.text(field);
      writer.end();
    }
    const bytes = await compress(writer.take());
    const path = join(folder, 'batches', `${from}.zst`);
    await writeFile(path, bytes);
    files.push({ path, rows: count, bytesDigest: bytesDigest(bytes) });
  }
  return files;
}

async function measure(work: () => Promise<number>): Promise<Cost> {
  let childPeak = 0;
  let ownPeak = 0;
  const look = setInterval(() => {
    void peakOfChildren().then((peak) => {
      childPeak = Math.max(childPeak, peak);
    });
    ownPeak = Math.max(ownPeak, process.memoryUsage.rss());
  }, 100);
  const started = performance.now();
  try {
    const bytes = await work();
    return {
      seconds: rounded((performance.now() - started) / 1000),
      childPeakMiB: Math.round(childPeak / 1024),
      ownPeakMiB: Math.round(ownPeak / 1024 ** 2),
      fileMiB: Math.round(bytes / 1024 ** 2),
    };
  } finally {
    clearInterval(look);
  }
}

/** Highest resident size so far, in KiB, of the processes this one has started. */
async function peakOfChildren(): Promise<number> {
  const pids = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8').catch(() => '');
  const peaks = await Promise.all(
    pids
      .split(' ')
      .filter(Boolean)
      .map(async (pid) => {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
      }),
  );
  return Math.max(0, ...peaks);
}

const told = ({ seconds, childPeakMiB, ownPeakMiB, fileMiB }: Cost) =>
  `${seconds} s, ${fileMiB} MiB written, child ${childPeakMiB} MiB, caller ${ownPeakMiB} MiB at most`;
