import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDataset, type Dataset } from './dataset.js';
import { resourceOf, row, type TempFolder, tempFolder } from './testing/row-sets.js';

const never = new AbortController().signal;
let folder: TempFolder;
let dataset: Dataset;

beforeAll(async () => {
  folder = await tempFolder();
  dataset = await createDataset({ workDir: join(folder.path, 'work') });
});
afterAll(async () => {
  await dataset[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

it('counts what two sets with a key do not share', async () => {
  const a = [await folder.write([row('1', ''), row('2', 'x'), row('3', 'x')])];
  const b = [await folder.write([row('1', '\\N'), row('2', 'x')]), await folder.write([row('4', 'x')])];
  expect(await dataset.compareSets({ resource: resourceOf(2, [0]), a, b }, never)).toEqual({
    aRows: 3,
    bRows: 3,
    onlyInA: 1,
    onlyInB: 1,
    differing: 1,
    equal: 1,
  });
});

it('compares sets without a key by whole rows with multiplicity', async () => {
  const a = [await folder.write([row('x'), row('x'), row('x'), row('y'), row('z')])];
  const b = [await folder.write([row('x'), row('y'), row('y'), row('z'), row('w')])];
  expect(await dataset.compareSets({ resource: resourceOf(1, []), a, b }, never)).toEqual({
    aRows: 5,
    bRows: 5,
    onlyInA: 2,
    onlyInB: 2,
    differing: 0,
    equal: 3,
  });
});

it('counts rows of any op, compressed or plain, and none', async () => {
  const files = [
    await folder.write(['S\t1\t', 'U\t\t\\N', 'D\t2\t\\N']),
    await folder.write(['S\ta\tb'], 'plain'),
  ];
  expect(await dataset.countRows(resourceOf(2, [0]), files, never)).toBe(4);
  expect(await dataset.countRows(resourceOf(2, [0]), [], never)).toBe(0);
});
