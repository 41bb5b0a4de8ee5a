import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDataset, type Dataset } from './dataset.js';
import type { BatchFile } from './requests-deliver.js';
import { readLines, resourceOf, row, type TempFolder, tempFolder } from './testing/row-sets.js';

let folder: TempFolder;
let dataset: Dataset;
let outputs = 0;
const signal = new AbortController().signal;
const resource = resourceOf(3, [0, 1]);

beforeAll(async () => {
  folder = await tempFolder();
  dataset = await createDataset({ workDir: join(folder.path, 'work') });
});
afterAll(async () => {
  await dataset[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const output = () => join(folder.path, `state-${++outputs}`);

async function fold(base: readonly BatchFile[], batches: readonly BatchFile[], of = resource) {
  const { files, rows } = await dataset.fold({ resource: of, base, batches, output: output() }, signal);
  const lines = await readLines(files);
  expect(lines.length).toBe(rows);
  return { files, lines };
}

/** Some batches together in one file, as in a segment. */
async function inSegment(...batches: readonly BatchFile[]): Promise<BatchFile[]> {
  const bytes = await Promise.all(batches.map(({ path }) => readFile(path)));
  const segment = join(folder.path, `segment-${++outputs}`);
  await writeFile(segment, Buffer.concat(bytes));
  let offset = 0;
  return batches.map((batch, index) => {
    const slice = { offset, length: bytes[index]!.length };
    offset += slice.length;
    return { ...batch, path: segment, slice };
  });
}

it('any batches, folded at once or one after the other, are what a Map comes to', async () => {
  const key = fc.constantFrom('a', 'b', '中', 'é', '\\n', '\ue000');
  const change = fc.record({
    a: key,
    b: key,
    v: fc.constantFrom('', '\\N', 'x', '\\\\t', 'y'),
    gone: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      async (steps) => {
        const map = new Map<string, string>();
        const batches: BatchFile[] = [];
        for (const step of steps) {
          const lines = new Map<string, string>();
          for (const { a, b, v, gone } of step) {
            const name = `${a}\t${b}`;
            lines.set(name, gone ? `D\t${name}\t\\N` : `U\t${name}\t${v}`);
            if (gone) map.delete(name);
            else map.set(name, `S\t${name}\t${v}`);
          }
          if (lines.size > 0) batches.push(await folder.write([...lines.values()]));
        }
        const wanted = [...map.values()].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
        expect((await fold([], await inSegment(...batches))).lines).toEqual(wanted);
        let base: readonly BatchFile[] = [];
        for (const batch of batches) base = (await fold(base, [batch])).files;
        expect(await readLines(base)).toEqual(wanted);
      },
    ),
    { numRuns: 8 },
  );
}, 120_000);

it('rows of an earlier schema version get NULL where an item came later', async () => {
  const old = { ...(await folder.write(['S\tk\tv'])), fields: [0, null, 1], width: 2 };
  const now = await folder.write([row('l', 'm', 'n')]);
  const { lines } = await fold([], [old, now], resourceOf(3, [0]));
  expect(lines).toEqual([row('k', '\\N', 'v'), row('l', 'm', 'n')]);
});

it('keys whose items stand apart are laid over in their order, too', async () => {
  const apart = resourceOf(3, [0, 2]);
  const first = await fold(
    [],
    [await folder.write([row('a', '1', 'x'), row('a', '2', 'y'), row('b', '3', 'x')])],
    apart,
  );
  const later = await folder.write(['D\ta\t\\N\ty', 'U\tb\t4\tx', 'U\ta\t0\tw']);
  const { lines } = await fold(first.files, [later], apart);
  expect(lines).toEqual([row('a', '0', 'w'), row('a', '1', 'x'), row('b', '4', 'x')]);
});

it('without key: every row of the copy, repeated ones too; a delete is refused', async () => {
  const keyless = resourceOf(2, []);
  const batch = await folder.write([row('b', '1'), row('a', '1'), row('b', '1')]);
  expect((await fold([], [batch], keyless)).lines).toEqual([row('a', '1'), row('b', '1'), row('b', '1')]);
  const gone = await folder.write(['D\ta\t1']);
  await expect(fold([], [batch, gone], keyless)).rejects.toMatchObject({ code: 'QZ_DATASET_NO_KEY' });
});

it('a key that a copy holds twice is once in the state', async () => {
  const one = await folder.write([row('k', 'k', 'v'), row('k', 'k', 'v'), row('l', 'l', 'v')]);
  expect((await fold([], [one])).lines).toEqual([row('k', 'k', 'v'), row('l', 'l', 'v')]);
});

it('bytes that changed are found: in a segment, in the state before', async () => {
  const good = await folder.write([row('k', 'k', 'v')]);
  const [sliced] = await inSegment(good);
  await writeFile(sliced!.path, Buffer.alloc(sliced!.slice!.length, 1));
  await expect(fold([], [sliced!])).rejects.toMatchObject({ code: 'QZ_DATASET_BYTES_DIFFER' });
  const state = await fold([], [good]);
  await writeFile(state.files[0]!.path, `${row('k', 'k', 'w')}\n`);
  await expect(fold(state.files, [good])).rejects.toMatchObject({ code: 'QZ_DATASET_BYTES_DIFFER' });
});
