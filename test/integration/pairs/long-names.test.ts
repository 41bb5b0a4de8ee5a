import { describeWithPostgres } from '@qianzhi/testing';
import { expect, inject, it } from 'vitest';
import { exchangeInto, readParts, resourceFor, sorted } from './carry.js';
import { openPostgres } from './sites/postgres.js';
import { openSqlite } from './sites/sqlite.js';
import { tableOf } from './values.js';

/** PostgreSQL cuts a name after its 63rd byte without a word; the catalog's have 63 characters, of three bytes each in Chinese. */
const stem = '统一社会信用代码登记机关行政区划代码名称';

describeWithPostgres('names longer than PostgreSQL keeps', () => {
  it.each([
    ['columns alike in their first 63 bytes', 't', [`${stem}全称甲`, `${stem}全称乙`]],
    ['a column', 't2', [`${stem}全称甲`]],
    ['a table', `${stem}二〇二六年`, ['名称']],
  ])('%s: refused with a reason; under a name of its own every value arrives', async (_what, name, names) => {
    await using from = await openSqlite();
    await using to = await openPostgres(inject('postgresUrl')!);
    const columns = names.map((column) => ({ column, type: 'C', length: 20 }) as const);
    const table = tableOf(name, [{ column: 'id', type: 'C', length: 20, key: true }, ...columns]);
    const rows = [['1', ...names.map((_, at) => `值${at}`)]];
    const resource = resourceFor(table);
    const parts = await readParts(from, resource, await from.fill!(table, rows));
    const exchange = exchangeInto(to, resource, to.target!.spec(table));
    await expect(exchange.write(exchange.snapshot(parts)[0]!)).rejects.toMatchObject({
      code: 'QZ_POSTGRES_NAME_TOO_LONG',
    });
    const short = {
      ...table,
      name: 't',
      columns: table.columns.map((column, at) => ({ ...column, name: `c${at}` })),
    };
    const mapped = exchangeInto(to, resource, to.target!.spec(short));
    await mapped.write(mapped.snapshot(parts)[0]!);
    expect(sorted(await to.target!.read(short))).toEqual(sorted(rows));
  });
});
