import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase } from './open-database.js';
import { insertion, insertionIfNew, prepared } from './prepared.js';
import { dropTestDatabase, testDatabase } from './test-database.js';

let folder: string;
let db: Knex;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  db = await openDatabase(folder, testDatabase(folder));
  await db.schema.createTable('boats', (table) => {
    table.text('name').primary();
    table.bigInteger('seats');
    table.boolean('sunk').notNullable().defaultTo(false);
  });
});
afterEach(async () => {
  await db.destroy();
  await dropTestDatabase(folder);
  rmSync(folder, { recursive: true, force: true });
});

interface Boat {
  readonly name: string;
  readonly seats?: number | null;
  readonly sunk?: boolean;
}
const insert = insertion<Boat>('boats');
const afloat = prepared<'from' | 'to', readonly Boat[]>((from, values) =>
  from('boats')
    .where({ sunk: false })
    .whereBetween('seats', [values.from, values.to])
    .orderBy('name')
    .select('name'),
);
const named = prepared<'name', Boat | undefined>((from, { name }) => from('boats').where({ name }).first());
const sink = prepared<'seats', number>((from, { seats }) =>
  from('boats').where('seats', '<=', seats).update({ sunk: true }),
);

it('answers as knex does, with other values each time: rows, the first, how many were changed', async () => {
  for (const [name, seats] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    await insert(db, { name, seats });
  await insert(db, { name: 'd' });
  expect(await afloat(db, { from: 1, to: 2 })).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(await sink(db, { seats: 1 })).toBe(1);
  expect(await afloat(db, { from: 0, to: 9 })).toEqual([{ name: 'b' }, { name: 'c' }]);
  expect(await named(db, { name: 'd' })).toMatchObject({ name: 'd', seats: null });
  expect(await named(db, { name: 'e' })).toBeUndefined();
});

it('takes values as they are, whatever they look like', async () => {
  for (const name of ["x'; --", '?', '$1', '\u0001seats', '']) {
    await insert(db, { name, seats: null });
    expect(await named(db, { name })).toMatchObject({ name });
  }
});

it('tells whether what it inserts is new, and leaves what is there', async () => {
  const add = insertionIfNew('boats', ['name', 'seats']);
  expect(await add(db, { name: 'a', seats: 1 })).toBe(true);
  expect(await add(db, { name: 'a', seats: 2 })).toBe(false);
  expect(await add(db, { name: 'b', seats: 2 })).toBe(true);
  expect(await named(db, { name: 'a' })).toMatchObject({
    seats: expect.toSatisfy((seats) => Number(seats) === 1),
  });
});

it('is part of the transaction it is given', async () => {
  const failing = db.transaction(async (trx) => {
    await insert(trx, { name: 'a', seats: 1 });
    expect(await named(trx, { name: 'a' })).toMatchObject({ name: 'a' });
    throw new Error('back');
  });
  await expect(failing).rejects.toThrow('back');
  expect(await named(db, { name: 'a' })).toBeUndefined();
});
