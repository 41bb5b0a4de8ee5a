import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onPostgres } from './test-database.js';
import { type Numbers, openNumbers } from './test-numbers.js';

let table: Numbers;
let db: Knex;
beforeEach(async () => {
  table = await openNumbers();
  db = table.db;
});
afterEach(() => table.close());

const add = (trx: Knex, n: number) => trx('n').insert({ n });

it('gives its work all that the database has, on one connection', async () => {
  const seen = await db.transaction(async (trx) => {
    await trx.schema.createTable('m', (table) => void table.text('m'));
    await trx('m').insert({ m: 'a' });
    await trx.insert({ m: 'b' }).into('m');
    const { m } = await trx.select('m').from('m').orderBy('m', 'desc').first();
    return [
      trx.isTransaction,
      m,
      await trx('m')
        .where('m', trx.raw('?', ['a']))
        .pluck('m'),
    ];
  });
  expect(seen).toEqual([true, 'b', ['a']]);
  expect(db.isTransaction).toBeFalsy();
});

it('undoes a transaction inside another alone, as often as one fails, and to any depth', async () => {
  await db.transaction(async (trx) => {
    await add(trx, 1);
    for (const n of [2, 3]) {
      const failing = trx.transaction(async (inner) => {
        await add(inner, n);
        await inner.transaction((innermost) => add(innermost, n + 10));
        throw new Error(`not ${n}`);
      });
      await expect(failing).rejects.toThrow(`not ${n}`);
    }
    await trx.transaction((inner) => add(inner, 4));
  });
  expect(await table.held()).toEqual([1, 4]);
});

it('refuses a statement that comes when its transaction is over, and lets it into no other', async () => {
  let late: Knex.Transaction | undefined;
  let lateInside: Knex.Transaction | undefined;
  await db.transaction(async (trx) => {
    late = trx;
    await trx.transaction(async (inner) => {
      lateInside = inner;
    });
    await expect(add(lateInside!, 1)).rejects.toThrow('the transaction is over');
  });
  const undone = db.transaction(async (trx) => {
    await expect(add(late!, 2)).rejects.toThrow('the transaction is over');
    await expect(add(lateInside!, 3)).rejects.toThrow('the transaction is over');
    await add(trx, 4);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await table.held()).toEqual([]);
});

it('reads at one moment where it is told to; PostgreSQL then refuses to write', async () => {
  await add(db, 1);
  const settings = { isolationLevel: 'repeatable read', readOnly: true } as const;
  expect(await db.transaction((trx) => trx('n').pluck('n'), settings)).toEqual([1]);
  if (!onPostgres) return;
  await expect(db.transaction((trx) => add(trx, 2), settings)).rejects.toThrow('read-only transaction');
  expect(await db.transaction((trx) => trx.raw('show transaction_isolation'), settings)).toMatchObject({
    rows: [{ transaction_isolation: 'repeatable read' }],
  });
});
