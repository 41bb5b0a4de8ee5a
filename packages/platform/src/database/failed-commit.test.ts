import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { classify } from './classify.js';
import { databaseErrors } from './errors.js';
import { createDatabaseHealth } from './health.js';
import { openDatabase } from './open-database.js';

/** What SQLite does to a transaction by itself when it fails, and the one connection afterwards. */
let folder: string;
let db: Knex;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  db = await openDatabase(folder);
  await db.raw('create table parent (n integer primary key)');
  await db.raw('create table child (n integer references parent deferrable initially deferred)');
  await db.raw('create table t (n integer primary key, text text)');
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const insert = (n: number, text = '') =>
  db.transaction(async (trx) => {
    await trx('t').insert({ n, text });
    return n;
  });
const orphan = () => db.transaction((trx) => trx('child').insert({ n: 1 }));
const held = () => db('t').orderBy('n').pluck('n');
const outcomes = async (all: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(all)).map((one) =>
    one.status === 'fulfilled'
      ? 'done'
      : (classify(one.reason)?.code ?? one.reason.code ?? one.reason.message),
  );

it('a COMMIT that fails leaves no transaction behind', async () => {
  expect(await outcomes([orphan()])).toEqual(['SQLITE_CONSTRAINT_FOREIGNKEY']);
  expect(await outcomes([insert(1)])).toEqual(['done']);
  const shared = 'SQLITE_CONSTRAINT_FOREIGNKEY';
  expect(await outcomes([insert(9), insert(2), orphan(), insert(3)])).toEqual([
    'done',
    shared,
    shared,
    shared,
  ]);
  expect(await outcomes([insert(4), insert(5)])).toEqual(['done', 'done']);
  expect(await held()).toEqual([1, 4, 5, 9]);
  expect(await db('child').pluck('n')).toEqual([]);
});

it('a ROLLBACK that fails, too, keeps nobody from the one connection', async () => {
  const { client } = db;
  const connection = await client.acquireConnection();
  connection.exec('begin');
  const { exec } = connection;
  connection.exec = () => {
    connection.exec = exec;
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
  };
  await client.releaseConnection(connection);
  connection.exec('rollback');
  expect(await outcomes([insert(1)])).toEqual(['done']);
});

it('a COMMIT that the server turned into a ROLLBACK is told as that, not as a database that is away', () => {
  const told = createDatabaseHealth().failed(databaseErrors.DATABASE_ROLLED_BACK());
  expect(told).toMatchObject({ code: 'QZ_PLATFORM_DATABASE_ROLLED_BACK', kind: 'internal' });
});

it('no room for the index of the log is a full disk, not a failing one', () => {
  const failure = (code: string) => classify(Object.assign(new Error(code), { code }));
  expect(failure('SQLITE_IOERR_SHMSIZE')).toMatchObject({ code: 'QZ_PLATFORM_DATABASE_FULL' });
  expect(failure('SQLITE_IOERR_FSYNC')).toMatchObject({ code: 'QZ_PLATFORM_DATABASE_HALTED' });
});

it('a full disk in the middle fails all that share the transaction, by its own name', async () => {
  const limit = async (more: number) => {
    const [{ page_count: pages }] = await db.raw('pragma page_count');
    await db.raw(`pragma max_page_count = ${pages + more}`);
  };
  await limit(10);
  const large = 'x'.repeat(200_000);
  const full = 'QZ_PLATFORM_DATABASE_FULL';
  expect(await outcomes([insert(1, large)])).toEqual([full]);
  expect(await outcomes([insert(9), insert(1), insert(2, large), insert(3)])).toEqual([
    'done',
    full,
    full,
    full,
  ]);
  expect(await held()).toEqual([9]);
  await limit(1000);
  expect(await outcomes([insert(1), insert(2, large), insert(3)])).toEqual(['done', 'done', 'done']);
  expect(await held()).toEqual([1, 2, 3, 9]);
});
