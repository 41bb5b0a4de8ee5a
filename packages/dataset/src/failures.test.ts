import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isQianzhiError } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDataset, type Dataset } from './dataset.js';
import type { RowFile } from './requests.js';
import { resourceOf, row, type TempFolder, tempFolder } from './testing/row-sets.js';

const never = new AbortController().signal;
const secret = '440106197001011234';
let folder: TempFolder;
let dataset: Dataset;

beforeEach(async () => {
  folder = await tempFolder();
  dataset = await createDataset({ workDir: join(folder.path, 'work') });
});
afterEach(async () => {
  await dataset[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

interface Failing {
  readonly baseline?: readonly RowFile[];
  readonly candidate?: readonly RowFile[];
  readonly keyFields?: readonly number[];
  readonly output?: string;
}

/** Runs a diff that must fail: its code, and that neither values nor results are left anywhere. */
async function failure({
  baseline = [],
  candidate = [],
  keyFields = [0],
  output = join(folder.path, 'result'),
}: Failing) {
  const resource = resourceOf(2, keyFields);
  const error = await dataset.diff({ resource, baseline, candidate, output }, never).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isQianzhiError(error)) throw new Error('no QianzhiError', { cause: error });
  expect(
    JSON.stringify([error.message, error.hint, error.texts, error.details, String(error.cause)]),
  ).not.toContain(secret);
  expect(error.message).not.toMatch(/\{\w+\}/);
  expect(await readdir(join(folder.path, 'work'))).toEqual([]);
  expect(await readdir(folder.path)).not.toContain('result');
  return error;
}

const rows = [row('1', secret), row('2', secret)];

describe('what is refused', () => {
  it('a resource without a key', async () => {
    expect(await failure({ keyFields: [] })).toMatchObject({ code: 'QZ_DATASET_NO_KEY', kind: 'config' });
  });

  it('repeated keys in either set, by their count', async () => {
    const repeated = [
      await folder.write([row(secret, 'a'), row(secret, 'a'), row('2', ''), row('2', 'b'), row('2', 'c')]),
    ];
    const details = { set: 'candidate', keys: 2, rows: 5 };
    expect(await failure({ candidate: repeated })).toMatchObject({
      code: 'QZ_DATASET_KEY_REPEATED',
      kind: 'data',
      details,
    });
    const inBaseline = await failure({
      baseline: repeated,
      candidate: [await folder.write([row(secret, 'a')])],
    });
    expect(inBaseline).toMatchObject({
      code: 'QZ_DATASET_KEY_REPEATED',
      details: { ...details, set: 'baseline' },
    });
  });

  it('a count other than the manifest says', async () => {
    const file = await folder.write(rows);
    const error = await failure({ baseline: [file], candidate: [{ ...file, rows: 3 }] });
    expect(error).toMatchObject({
      code: 'QZ_DATASET_COUNT_DIFFERS',
      kind: 'integrity',
      details: { set: 'candidate', expected: 3, found: 2 },
    });
  });

  it('any flipped or missing byte of a file with a digest', async () => {
    const file = await folder.write(rows);
    const bytes = await readFile(file.path);
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1;
      await writeFile(file.path, damaged);
      expect(await failure({ baseline: [file] })).toMatchObject({
        code: 'QZ_DATASET_BYTES_DIFFER',
        kind: 'integrity',
      });
    }
    await writeFile(file.path, bytes.subarray(0, -1));
    expect((await failure({ baseline: [file] })).code).toBe('QZ_DATASET_BYTES_DIFFER');
  }, 60_000);

  it('a cut zstd frame without a digest, by the row count', async () => {
    const { path } = await folder.write(
      Array.from({ length: 5000 }, (_, index) => row(String(index), String(Math.sin(index)))),
    );
    await truncate(path, 20_000);
    const error = await failure({ candidate: [{ path, rows: 5000 }] });
    expect(['QZ_DATASET_COUNT_DIFFERS', 'QZ_DATASET_ROWS_BROKEN']).toContain(error.code);
  });

  it('a file that is missing', async () => {
    const path = join(folder.path, 'nowhere');
    const error = await failure({ candidate: [{ path, rows: 1 }] });
    expect(error).toMatchObject({
      code: 'QZ_DATASET_FILE_MISSING',
      details: { file: path, reason: { en: 'it does not exist' } },
    });
  });

  it.each([
    ['too few fields', `S\t${secret}\n`],
    ['too many fields', `S\t${secret}\ta\tb\n`],
    ['another op', `U\t${secret}\ta\n`],
    ['a raw carriage return', `S\t${secret}\ta\rb\n`],
    ['a line end of two bytes', `S\t${secret}\ta\r\n`],
    ['U+0000', `S\t${secret}\ta\0b\n`],
    ['invalid UTF-8', Buffer.concat([Buffer.from(`S\t${secret}\t`), Buffer.from([0xff, 0x0a])])],
    ['a line that is the null text', `\u0001\n`],
    ['a row over the limit', `S\t${secret}\t${'x'.repeat(9 * 1024 * 1024)}\n`],
  ])('content that is no row text: %s', async (_name, content) => {
    const path = join(folder.path, 'broken');
    await writeFile(path, content);
    const error = await failure({ candidate: [{ path, rows: 1 }] });
    expect(error).toMatchObject({
      code: 'QZ_DATASET_ROWS_BROKEN',
      kind: 'integrity',
      details: { set: 'candidate' },
    });
  });

  it('an output that exists or cannot be reached', async () => {
    const candidate = [await folder.write(rows)];
    const existing = await failure({ candidate, output: join(folder.path, 'work') });
    expect(existing).toMatchObject({ code: 'QZ_DATASET_OUTPUT_EXISTS', kind: 'conflict' });
    const unreachable = await failure({ candidate, output: join(folder.path, 'no', 'parent') });
    expect(unreachable).toMatchObject({
      code: 'QZ_DATASET_OUTPUT_ELSEWHERE',
      details: { reason: { en: 'it does not exist' } },
    });
  });
});
