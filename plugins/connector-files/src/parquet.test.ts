import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSite, readAll, resourceOf, type Site } from './test/site.js';

/** Written by DuckDB 1.5.6, compressed with zstd. */
const fixture = fileURLToPath(new URL('fixtures/duckdb.parquet', import.meta.url));
const spec = { pattern: '*.parquet' };
const table = resourceOf(
  { column: 'id', type: 'C', length: 20, key: true },
  { column: 'name', type: 'C', length: 200 },
  { column: 'big', type: 'N', precision: 38, scale: 10 },
  { column: 'amount', type: 'N', precision: 9, scale: 2 },
  { column: 'count', type: 'I' },
  { column: 'born', type: 'D' },
  { column: 'seen', type: 'T' },
  { column: 'at', type: 'T', instant: true },
  { column: 'active', type: 'L' },
  { column: 'single', type: 'F' },
  { column: 'rate', type: 'B' },
  { column: 'bytes', type: 'G' },
  { column: 'wide', type: 'N', precision: 20, scale: 0 },
);

function openFixture(): Site {
  const site = openSite();
  copyFileSync(fixture, join(site.folder, 'a.parquet'));
  return site;
}

it('every value as it is stored', async () => {
  using site = openFixture();
  const source = await site.source(spec, table);
  expect(source.shape?.columns.map(({ item, type }) => `${item} ${type}`)).toContain('big DECIMAL(38, 10)');
  expect((await readAll(source)).rows).toEqual([
    [
      'S',
      '001',
      '䶮',
      '1234567890123456789012345678.0123456789',
      '1.50',
      '9223372036854775807',
      '2026-01-02',
      '2026-01-02 03:04:05.123456',
      '2026-01-02 03:04:05+00',
      't',
      '0.1',
      '0.30000000000000004',
      '\\x00ff',
      '18446744073709551615',
    ],
    [
      'S',
      '002',
      '',
      '-0.0000000001',
      '-0.05',
      '-9223372036854775808',
      '0001-01-01',
      '9999-12-31 23:59:59.999999',
      '1969-12-31 23:59:59.5+00',
      'f',
      '-2.5',
      '1e+300',
      '\\x',
      '0',
    ],
    ['S', '003', ...Array.from({ length: 12 }, () => null)],
  ]);
});

it('goes on behind any row', async () => {
  using site = openFixture();
  const { blocks, rows } = await readAll(await site.source(spec, table), undefined, { blockBytes: 1 });
  for (const [at, { checkpoint }] of blocks.slice(0, -1).entries()) {
    expect((await readAll(await site.source(spec, table), checkpoint)).rows).toEqual(rows.slice(at + 1));
  }
});

it('a list is no single value, a column of another type does not fit, and what is no Parquet is told', async () => {
  using site = openFixture();
  const list = resourceOf({ column: 'id', type: 'C', length: 20, key: true }, { column: 'list', type: 'C' });
  const { rejected } = await readAll(await site.source(spec, list));
  expect(rejected).toEqual([1, 2, 3].map(() => ({ reason: 'type', item: 'list' })));
  await expect(site.source(spec, resourceOf({ column: 'bytes', type: 'N', scale: 2 }))).rejects.toMatchObject(
    {
      code: 'QZ_FILES_TYPE_UNFIT',
    },
  );
  site.put('a.parquet', 'PAR1 and nothing else PAR1');
  await expect(site.source(spec, table)).rejects.toMatchObject({ code: 'QZ_FILES_DAMAGED' });
});
