import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataset, type Dataset } from './dataset.js';
import type { DiffResult, RowFile } from './requests.js';
import { deleteRow, referenceDiff } from './testing/reference-diff.js';
import { readLines, resourceOf, row, type TempFolder, tempFolder } from './testing/row-sets.js';

const never = new AbortController().signal;
let folder: TempFolder;
let dataset: Dataset;
let outputs = 0;

beforeAll(async () => {
  folder = await tempFolder();
  dataset = await createDataset({ workDir: join(folder.path, 'work') });
});
afterAll(async () => {
  await dataset[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Sets {
  readonly fields: number;
  readonly keyFields: readonly number[];
  readonly baseline: readonly string[];
  readonly candidate: readonly string[];
  readonly rejected?: readonly string[];
}

async function diff(sets: Sets, filesPerSet = 1): Promise<DiffResult> {
  const files = async (lines: readonly string[]): Promise<RowFile[]> => {
    const size = Math.ceil(lines.length / filesPerSet) || 1;
    const cut = Array.from({ length: filesPerSet }, (_, i) => lines.slice(i * size, (i + 1) * size));
    return await Promise.all(cut.map((part, i) => folder.write(part, i % 3 === 1 ? 'plain' : 'zstd')));
  };
  return await dataset.diff(
    {
      resource: resourceOf(sets.fields, sets.keyFields),
      baseline: await files(sets.baseline),
      candidate: await files(sets.candidate),
      rejected: await files(sets.rejected ?? []),
      output: join(folder.path, `result ${++outputs}`),
    },
    never,
  );
}

async function expectAsReference(sets: Sets, filesPerSet = 1): Promise<DiffResult> {
  const result = await diff(sets, filesPerSet);
  const reference = referenceDiff(sets.keyFields, sets.baseline, sets.candidate, sets.rejected ?? []);
  expect(result.counts).toEqual(reference.counts);
  expect(await readLines(result.delta)).toEqual(reference.delta);
  expect(await readLines(result.carried)).toEqual(reference.carried);
  return result;
}

/** Texts that readers of CSV are known to change, as row text. */
const awkward = [
  '',
  '\\N',
  '\\\\N',
  '\\\\',
  '\\t',
  '\\n',
  '\\r',
  '\\r\\n',
  '\\\\n',
  ' ',
  'x ',
  ' x',
  '\uFEFF',
  '\uFEFFx',
  '"',
  '""',
  '"a"',
  "'",
  ',',
  ';',
  '|',
  '#',
  '# a',
  'NULL',
  'null',
  '\u0001',
  '\u0002',
  '\u0008',
  '\u000b',
  '\u000c',
  '\u001a',
  '\u001e',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\u3000',
  '惠州市',
  '\uE000',
  '\uF8FF',
  '\u{F0000}',
  '\uFFFD',
  '\uFFFF',
  '\u{20000}',
  'e\u0301',
  'é',
  'A',
  'a',
  '0',
  '00',
  '1',
  '1.0',
  '-0',
  '\\\\x00ff',
  't',
  'true',
];

const field = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...awkward) },
  fc.string({ unit: 'binary', maxLength: 12 }).map(escapeText),
);

function escapeText(text: string): string {
  return text
    .replaceAll('\0', '')
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}

const sets = fc
  .integer({ min: 1, max: 5 })
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      keyFields: fc
        .subarray([...Array(fields).keys()], { minLength: 1 })
        .map((keys) => [...keys].sort((a, b) => a - b)),
      rows: fc.array(fc.array(field, { minLength: fields, maxLength: fields }), { maxLength: 60 }),
      fates: fc.array(fc.constantFrom('same', 'same', 'changed', 'gone', 'rejected', 'new'), {
        minLength: 60,
        maxLength: 60,
      }),
      others: fc.array(field, { minLength: 60, maxLength: 60 }),
      files: fc.integer({ min: 1, max: 4 }),
    }),
  )
  .map(({ fields, keyFields, rows, fates, others, files }) => {
    const unique = [
      ...new Map(rows.map((texts) => [keyFields.map((k) => texts[k]).join('\t'), texts])).values(),
    ];
    const baseline: string[] = [];
    const candidate: string[] = [];
    const rejected: string[] = [];
    for (const [index, texts] of unique.entries()) {
      const fate = fates[index];
      if (fate !== 'new') baseline.push(row(...texts));
      if (fate === 'rejected') rejected.push(deleteRow(keyFields, row(...texts)));
      if (fate === 'gone' || fate === 'rejected') continue;
      const changed = texts.map((text, f) =>
        fate === 'changed' && !keyFields.includes(f) ? others[index]! : text,
      );
      candidate.push(row(...changed));
    }
    return { sets: { fields, keyFields, baseline, candidate: candidate.reverse(), rejected }, files };
  });

describe('diff', () => {
  it('agrees with a Map byte by byte over random rows, keys, files and rejections', async () => {
    await fc.assert(
      fc.asyncProperty(sets, async (given) => {
        await expectAsReference(given.sets, given.files);
      }),
      { numRuns: 40 },
    );
  }, 180_000);

  it('holds every awkward text apart from every other, as value and as key', async () => {
    const baseline = awkward.map((text, index) => row(text, String(index), text));
    const candidate = awkward.map((text, index) =>
      row(text, String(index), awkward[(index + 1) % awkward.length]!),
    );
    const result = await expectAsReference({ fields: 3, keyFields: [0], baseline, candidate });
    expect(result.counts.updated).toBe(awkward.length);
    const same = await expectAsReference({ fields: 3, keyFields: [0], baseline, candidate: baseline });
    expect(same.counts.unchanged).toBe(awkward.length);
    expect(same.delta).toEqual([]);
  });

  it('keeps rows of one field, and the empty one among them', async () => {
    const result = await expectAsReference({
      fields: 1,
      keyFields: [0],
      baseline: [row(''), row('\\N'), row('gone')],
      candidate: [row(''), row('new'), row('\\\\N')],
    });
    expect(await readLines(result.delta)).toEqual(['D\t\\N', 'U\t\\\\N', 'D\tgone', 'U\tnew']);
  });

  it('reads a first load against no baseline and an emptied table', async () => {
    const rows = [row('b', '2'), row('a', '1')];
    const first = await expectAsReference({ fields: 2, keyFields: [0], baseline: [], candidate: rows });
    expect(first.counts).toMatchObject({ inserted: 2, unchanged: 0 });
    const emptied = await expectAsReference({ fields: 2, keyFields: [0], baseline: rows, candidate: [] });
    expect(await readLines(emptied.delta)).toEqual(['D\ta\t\\N', 'D\tb\t\\N']);
    const noFiles = await dataset.diff(
      { resource: resourceOf(2, [0]), baseline: [], candidate: [], output: join(folder.path, 'none') },
      never,
    );
    expect(noFiles).toMatchObject({ delta: [], carried: [], counts: { baselineRows: 0, candidateRows: 0 } });
  });

  it('sees a key change as a delete and an insert', async () => {
    const result = await diff({
      fields: 2,
      keyFields: [0],
      baseline: [row('1', 'x')],
      candidate: [row('2', 'x')],
    });
    expect(await readLines(result.delta)).toEqual(['D\t1\t\\N', 'U\t2\tx']);
  });

  it('carries megabyte values, a row at the wire limit, and 400 columns', async () => {
    const wide = Array.from({ length: 400 }, (_, index) => awkward[index % awkward.length]!);
    const changed = wide.with(250, 'changed');
    await expectAsReference({
      fields: 400,
      keyFields: [3, 399],
      baseline: [row(...wide), row(...wide.with(3, 'k'))],
      candidate: [row(...changed), row(...wide.with(3, 'new'))],
    });
    const large = '惠'.repeat(1024 * 1024);
    const largest = 'x'.repeat(8 * 1024 * 1024 - 4);
    const result = await expectAsReference({
      fields: 2,
      keyFields: [0],
      baseline: [row('1', large), row('2', largest), row('3', `${large}a`)],
      candidate: [row('1', `${large.slice(1)}y`), row('2', `y${largest.slice(1)}`), row('3', `${large}a`)],
    });
    expect(result.counts).toMatchObject({ updated: 2, unchanged: 1 });
    expect(result.delta).toHaveLength(2);
  }, 60_000);

  it('cuts the delta at about 4 MiB between rows', async () => {
    const candidate = Array.from({ length: 60_000 }, (_, index) => row(String(index), 'v'.repeat(200)));
    const result = await expectAsReference({ fields: 2, keyFields: [0], baseline: [], candidate }, 4);
    expect(result.delta.length).toBe(3);
    for (const file of result.delta) expect(file.bytes).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(result.delta.reduce((sum, file) => sum + file.rows, 0)).toBe(60_000);
  }, 60_000);

  it('settles a rejected key once its row is valid, or gone, when the carried rows join the next baseline', async () => {
    const first = await diff({
      fields: 2,
      keyFields: [0],
      baseline: [row('1', 'a'), row('2', 'b')],
      candidate: [],
      rejected: ['D\t1\t\\N', 'D\t2\t\\N', 'D\t2\t\\N', 'D\t3\t\\N'],
    });
    expect(first.counts).toMatchObject({ deleted: 0, heldBack: 2 });
    const carried = await readLines(first.carried);
    const next = await diff({ fields: 2, keyFields: [0], baseline: carried, candidate: [row('1', 'valid')] });
    expect(await readLines(next.delta)).toEqual(['U\t1\tvalid', 'D\t2\t\\N']);
  });
});
