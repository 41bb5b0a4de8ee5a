import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { cellHash, packTraceSample } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TraceEvidence } from './requests-deliver.js';
import { catalogOf } from './testing/catalog.js';
import { type Delivered, type DeliverRig, deliverRig, type Value } from './testing/deliver-rig.js';

const columns = ['code', 'name', 'city', 'street', 'phone', 'note'];
const resource = catalogOf(
  columns.map((column) => ({ name: column, column, type: 'C' as const, key: column === 'code' })),
);
const rows = Array.from({ length: 2000 }, (_, n): Value[] => [
  `k${String(n).padStart(5, '0')}`,
  `名称${n}`,
  `city${n % 7}`,
  n % 5 === 0 ? null : `street ${n * 31}`,
  `138${n}`,
  `=note ${n % 3}`,
]);
const signal = new AbortController().signal;

let rig: DeliverRig;
let one: Delivered;
let two: Delivered;
/** Rows as they stand in the file of `one`. */
let leaked: Value[][];

beforeAll(async () => {
  rig = await deliverRig();
  one = await rig.deliver(resource, rows, { format: 'jsonl' });
  two = await rig.deliver(resource, rows, { format: 'jsonl' });
  leaked = await rowsOf(one);
});
afterAll(() => rig[Symbol.asyncDispose]());

/** As they stand in its file. */
async function rowsOf({ path }: Delivered): Promise<Value[][]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => Object.values(JSON.parse(line) as Record<string, Value>));
}

async function trace(
  found: readonly Value[][],
  shown: readonly string[] = columns,
  traceFiles = true,
  downloads: readonly Delivered[] = [one, two],
): Promise<readonly TraceEvidence[]> {
  const keyed = shown.includes('code');
  const parts = found.flatMap((row) => {
    const key = keyed
      ? [
          createHash('sha256')
            .update(row[shown.indexOf('code')] ?? '')
            .digest()
            .subarray(0, 16),
        ]
      : [];
    const cells = Buffer.alloc(4 * shown.length);
    shown.forEach((_, at) => {
      cells.writeUInt32BE(cellHash(row[at] ?? null), 4 * at);
    });
    return [...key, cells];
  });
  const head = { resource: 'firm', columns: [...shown], keyed, rowsInFile: found.length, rows: found.length };
  const sample = packTraceSample(head, Buffer.concat(parts));
  const candidates = downloads.map(({ seed, tracePath }, index) => ({
    id: `${index + 1}`,
    seed,
    traceFile: traceFiles ? tracePath : undefined,
    keyed,
    width: columns.length,
    columns: shown.map((column) => columns.indexOf(column)),
  }));
  return rig.dataset.trace({ sample, candidates }, signal);
}

const share = ({ inOrder, neighbours }: TraceEvidence) => inOrder / neighbours;

it('the whole file: every row, every value, and the order of that download alone', async () => {
  const [first, second] = await trace(leaked);
  expect(first).toMatchObject({ found: 2000, equal: 2000, inOrder: 1999, neighbours: 1999 });
  expect(second).toMatchObject({ found: 2000, equal: 2000 });
  expect(share(second!)).toBeGreaterThan(0.4);
  expect(share(second!)).toBeLessThan(0.6);
});

it('half of the rows keep the order', async () => {
  const half = leaked.filter((_, n) => (n * 7919) % 10 < 5);
  const [first, second] = await trace(half);
  expect(share(first!)).toBe(1);
  expect(share(second!)).toBeLessThan(0.6);
});

it('rows sorted again have no order of anybody: rows and values alone are left', async () => {
  const sorted = [...leaked].sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
  for (const evidence of await trace(sorted)) {
    expect(evidence).toMatchObject({ found: 2000, equal: 2000 });
    expect(share(evidence)).toBeLessThan(0.6);
  }
});

it('columns dropped, the key among them: rows are known by what is left', async () => {
  const shown = ['name', 'city', 'street', 'phone', 'note'];
  const [first, second] = await trace(
    leaked.map((row) => row.slice(1)),
    shown,
  );
  expect(first).toMatchObject({ found: 2000, equal: 2000 });
  expect(share(first!)).toBe(1);
  expect(share(second!)).toBeLessThan(0.6);
  // too few columns to tell rows apart: nothing is claimed
  const [few] = await trace(
    leaked.map((row) => row.slice(1, 3)),
    ['name', 'city'],
  );
  expect(few).toMatchObject({ found: 0, neighbours: 0 });
});

it('rows that what is left cannot tell apart are found, and say nothing of the order', async () => {
  const twins = rows.map((row, n) => (n % 10 === 0 ? [row[0]!, ...rows[n - (n % 20)]!.slice(1)] : row));
  const delivered = await rig.deliver(resource, twins, { format: 'jsonl' });
  const inOrder = await rowsOf(delivered);
  const [evidence] = await trace(
    inOrder.map((row) => row.slice(1)),
    columns.slice(1),
    true,
    [delivered],
  );
  expect(evidence).toMatchObject({ found: 2000, equal: 2000 });
  expect(evidence!.neighbours).toBeLessThan(1800);
  expect(evidence!.neighbours).toBeGreaterThan(1700);
  expect(share(evidence!)).toBe(1);
});

it('edited values show by column, and the order stays', async () => {
  const [first] = await trace(leaked.map((row, n) => (n % 4 === 0 ? row.with(1, `改${n}`) : row)));
  expect(first!.found).toBe(2000);
  expect(share(first!)).toBe(1);
  expect(first!.equalByColumn[1]).toBeGreaterThan(1490);
  expect(first!.equalByColumn[1]).toBeLessThan(1520);
  expect(first!.equalByColumn[2]).toBe(2000);
});

it('a file that nobody downloaded has no row of any', async () => {
  const alien = leaked.map((row) => row.with(0, `x${row[0]}`));
  for (const evidence of await trace(alien))
    expect(evidence).toMatchObject({ found: 0, equal: 0, neighbours: 0 });
});

it('without its trace file a download is still known by its order', async () => {
  const [first, second] = await trace(leaked, columns, false);
  expect(share(first!)).toBe(1);
  expect(share(second!)).toBeLessThan(0.6);
});
