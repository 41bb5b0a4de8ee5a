import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, testDatabase } from '../database/test-database.js';
import { departmentMigrations } from '../department/schema.js';
import { createNonces, type Nonces } from './nonces.js';
import { identityMigrations } from './schema.js';

let folder: string;
let db: Knex;
let nonces: Nonces;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  db = await openDatabase(folder, testDatabase(folder));
  await migrate(db, [...departmentMigrations, ...identityMigrations]);
  nonces = createNonces(db);
});
afterEach(async () => {
  await db.destroy();
  await dropTestDatabase(folder);
  rmSync(folder, { recursive: true, force: true });
});

const later = new Date(Date.now() + 60_000);
const take = (nonce: string, key = 'key') => nonces.take(key, nonce, later);
const held = async () => (await db('nonces').orderBy('nonce')).map((row: { nonce: string }) => row.nonce);

it('takes a nonce of a key once: at the same time, before and after it is stored, and after a restart', async () => {
  expect(await Promise.all([take('a'), take('a'), take('a', 'other')])).toEqual([true, false, true]);
  expect(await take('a')).toBe(false);
  await nonces.stored('key', 'a');
  expect(await take('a')).toBe(false);
  expect(await createNonces(db).take('key', 'a', later)).toBe(false);
});

it('stores with a transaction of other work, or with one of its own for whoever waits', async () => {
  await take('a');
  expect(await held()).toEqual([]);
  await db.transaction(async () => undefined);
  expect(await held()).toEqual(['a']);
  await Promise.all([take('b'), take('c')]);
  await Promise.all([nonces.stored('key', 'b'), nonces.stored('key', 'c')]);
  expect(await held()).toEqual(['a', 'b', 'c']);
});

it('tells one of two nodes that took the same nonce that it came second', async () => {
  const other = createNonces(db);
  expect([await take('a'), await other.take('key', 'a', later)]).toEqual([true, true]);
  const told = await Promise.all([nonces.stored('key', 'a'), other.stored('key', 'a')]);
  expect(told.toSorted()).toEqual([false, true]);
  expect(await held()).toEqual(['a']);
});

it('keeps what went along with work that failed, and stores it with the next', async () => {
  await take('a');
  const failing = db.transaction(() => Promise.reject(new Error('refused')));
  await expect(failing).rejects.toThrow('refused');
  expect(await held()).toEqual([]);
  expect(await take('a')).toBe(false);
  await nonces.stored('key', 'a');
  expect(await held()).toEqual(['a']);
});

it('forgets what is past', async () => {
  await take('a');
  await nonces.stored('key', 'a');
  await take('b');
  await nonces.prune(new Date(later.getTime() + 1));
  expect(await held()).toEqual([]);
  expect([await take('a'), await take('b')]).toEqual([true, true]);
});
