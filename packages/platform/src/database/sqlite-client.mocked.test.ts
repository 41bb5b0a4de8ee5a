import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDatabase } from './open-database.js';

/** How the disk answers; each call waits for it. */
const disk = vi.hoisted(() => ({ syncs: 0, answer: async (): Promise<void> => undefined }));

vi.mock('@qianzhi/rows/data-sync', async () => {
  const { fdatasyncSync } = await import('node:fs');
  const sync = async (fd: number) => {
    disk.syncs++;
    await disk.answer();
    fdatasyncSync(fd);
  };
  return { createDataSync: () => sync };
});

const halted = { code: 'QZ_PLATFORM_DATABASE_HALTED' };
const failing = async () => {
  throw Object.assign(new Error('i/o error'), { code: 'EIO' });
};

let folder: string;
let db: Knex;
beforeEach(async () => {
  disk.answer = async () => undefined;
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  db = await openDatabase(folder);
  await db.raw('create table t (n integer primary key)');
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

/** Syncs that an act waited for. */
async function syncsOf(act: () => PromiseLike<unknown>): Promise<number> {
  disk.syncs = 0;
  await act();
  return disk.syncs;
}

it('whatever is committed is synced once, what is read or undone is not', async () => {
  expect(await syncsOf(() => db('t').insert({ n: 1 }))).toBe(1);
  expect(await syncsOf(() => db('t').insert({ n: 2 }).returning('n'))).toBe(1);
  expect(await syncsOf(() => db('t').where({ n: 2 }).update({ n: 3 }).returning('n'))).toBe(1);
  expect(await syncsOf(() => db.schema.createTable('u', (table) => void table.text('x')))).toBe(1);
  const nested = (trx: Knex.Transaction) => trx.transaction((inner) => inner('t').insert({ n: 4 }));
  expect(await syncsOf(() => db.transaction(nested))).toBe(1);
  expect(await syncsOf(() => db('t').select('n'))).toBe(0);
  const undone = db.transaction(async (trx) => {
    await trx('t').insert({ n: 5 });
    throw new Error('undone');
  });
  expect(await syncsOf(() => undone.catch(() => undefined))).toBe(0);
  expect(await db('t').orderBy('n').pluck('n')).toEqual([1, 3, 4]);
});

it('nobody is answered, and nobody reads, before the disk has what was committed', async () => {
  let sync: () => void = () => {};
  const synced = new Promise<void>((resolve) => {
    sync = resolve;
  });
  disk.answer = () => synced;
  const told: string[] = [];
  const commit = db('t')
    .insert({ n: 1 })
    .then(() => told.push('committed'));
  const read = db('t')
    .pluck('n')
    .then((found) => told.push(`read ${found}`));
  await vi.waitFor(() => expect(disk.syncs).toBeGreaterThan(0));
  expect(told).toEqual([]);
  sync();
  await Promise.all([commit, read]);
  expect(told).toEqual(['committed', 'read 1']);
});

it('after a sync that failed nothing is read or written any more', async () => {
  disk.answer = failing;
  await expect(db.transaction((trx) => trx('t').insert({ n: 1 }))).rejects.toMatchObject(halted);
  disk.answer = async () => undefined;
  await expect(db('t').select()).rejects.toMatchObject(halted);
  await expect(db.transaction((trx) => trx('t').insert({ n: 2 }))).rejects.toMatchObject(halted);
});

it('a log that a killed process left is synced before it is read', async () => {
  await db('t').insert({ n: 1 });
  const left = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  cpSync(folder, left, { recursive: true, filter: (path) => !path.endsWith('-shm') });
  disk.answer = failing;
  await expect(openDatabase(left)).rejects.toMatchObject(halted);
  disk.answer = async () => undefined;
  const again = await openDatabase(left);
  expect(await again('t').pluck('n')).toEqual([1]);
  await again.destroy();
  rmSync(left, { recursive: true });
});

it('a transaction in which nothing is done may be the first of a new database', async () => {
  const fresh = await openDatabase(mkdtempSync(join(folder, 'fresh-')));
  expect(await fresh.transaction(async () => 1)).toBe(1);
  await fresh.destroy();
});
