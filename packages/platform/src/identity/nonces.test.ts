import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
const nonceOf = (nonce: string, keyId = 'key') => ({ keyId, nonce, expiresAt: later });
const take = (nonce: string, at = nonces) => at.take(nonceOf(nonce));
const store = async (nonce: string) => take(nonce)?.stored();
const held = async () => (await db('nonces').orderBy('nonce')).map((row: { nonce: string }) => row.nonce);

it('takes a nonce of a key once: at the same time, before and after it is stored, and after a restart', async () => {
  const first = take('a')!;
  expect(take('a')).toBeUndefined();
  const ofOther = nonces.take(nonceOf('a', 'other'))!;
  expect(await nonces.isStored(nonceOf('a'))).toBe(false);
  expect([await first.stored(), await ofOther.stored()]).toEqual([true, true]);
  expect(await nonces.isStored(nonceOf('a'))).toBe(true);
  expect(await store('a')).toBe(false);
  expect(await take('a', createNonces(db))?.stored()).toBe(false);
});

it('tells the second that it came second, however late the first asks', async () => {
  const first = take('a')!;
  await db.transaction(async () => undefined);
  const second = take('a')!;
  await db.transaction(async () => undefined);
  expect([await first.stored(), await second.stored(), await first.stored()]).toEqual([true, false, true]);
});

it('stores with a transaction of other work, or with one of its own for whoever waits', async () => {
  take('a');
  expect(await held()).toEqual([]);
  await db.transaction(async () => undefined);
  expect(await held()).toEqual(['a']);
  expect(await Promise.all([store('b'), store('c')])).toEqual([true, true]);
  expect(await held()).toEqual(['a', 'b', 'c']);
});

it('tells one of two nodes that took the same nonce that it came second', async () => {
  const both = [take('a')!, take('a', createNonces(db))!];
  const told = await Promise.all(both.map((taken) => taken.stored()));
  expect(told.toSorted()).toEqual([false, true]);
  expect(await held()).toEqual(['a']);
});

it('keeps what went along with work that failed, and stores it with the next', async () => {
  const taken = take('a')!;
  const failing = db.transaction(() => Promise.reject(new Error('refused')));
  await expect(failing).rejects.toThrow('refused');
  expect(await held()).toEqual([]);
  expect(take('a')).toBeUndefined();
  expect(await taken.stored()).toBe(true);
  expect(await held()).toEqual(['a']);
});

it('forgets what is past', async () => {
  await store('a');
  take('b');
  await nonces.prune(new Date(later.getTime() + 1));
  expect(await held()).toEqual([]);
  expect([await store('a'), await store('b')]).toEqual([true, true]);
});

it('keeps what an older program had stored', async () => {
  const other = join(folder, 'other');
  mkdirSync(other);
  const old = await openDatabase(other, testDatabase(other));
  try {
    const [first, second] = identityMigrations;
    await migrate(old, [...departmentMigrations, first!, second!]);
    await old('nonces').insert({ key_id: 'key', nonce: 'a', expires_at: later.toISOString() });
    await migrate(old, [...departmentMigrations, ...identityMigrations]);
    expect(await take('a', createNonces(old))?.stored()).toBe(false);
    expect(await take('b', createNonces(old))?.stored()).toBe(true);
  } finally {
    await old.destroy();
    await dropTestDatabase(other);
  }
});

it('one that a commit without an answer took along is no replay of itself: it is unavailable, and another is taken', async () => {
  const lost = take('a')!;
  const { client } = db as unknown as { client: { query(held: unknown, asked: unknown): Promise<unknown> } };
  const real = client.query;
  client.query = async function (this: unknown, held, asked) {
    const answer = await real.call(this, held, asked);
    if (asked === 'COMMIT') throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
    return answer;
  };
  await expect(db.transaction(async () => undefined)).rejects.toThrow('Connection terminated');
  client.query = real;
  expect(await nonces.isStored(nonceOf('a'))).toBe(true);
  await expect(lost.stored()).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DATABASE_UNAVAILABLE',
    kind: 'unavailable',
  });
  expect(await store('b')).toBe(true);
  // whoever repeats it comes second
  expect(await store('a')).toBe(false);
});
