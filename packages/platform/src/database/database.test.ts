import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Migration, migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { dropTestDatabase, onPostgres, testDatabase } from './test-database.js';

let folder: string;
let db: Knex;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  db = await openDatabase(folder, testDatabase(folder));
});
afterEach(async () => {
  await db.destroy();
  await dropTestDatabase(folder);
  rmSync(folder, { recursive: true, force: true });
});

describe('the database', () => {
  it('has the settings that keep what is committed', async () => {
    if (onPostgres) {
      const found = await db('pg_settings').whereIn('name', [
        'fsync',
        'full_page_writes',
        'synchronous_commit',
      ]);
      expect(found.map(({ setting }) => setting)).toEqual(['on', 'on', 'on']);
      return;
    }
    expect(await db.raw('pragma synchronous')).toEqual([{ synchronous: 1 }]);
    expect(await db.raw('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await db.raw('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  });

  it('goes on with the step that failed, and refuses steps of a newer version', async () => {
    const first: Migration = {
      name: 'a-1',
      up: (trx) => trx.schema.createTable('a', (table) => void table.text('x')),
    };
    const failing: Migration = {
      name: 'a-2',
      async up(trx) {
        await trx.schema.createTable('b', (table) => void table.text('x'));
        throw new Error('killed');
      },
    };
    await expect(migrate(db, [first, failing])).rejects.toThrow('killed');
    expect(await db.schema.hasTable('b')).toBe(false);
    const mended: Migration = {
      ...failing,
      up: (trx) => trx.schema.createTable('b', (t) => void t.text('x')),
    };
    await migrate(db, [first, mended]);
    expect(await db.schema.hasTable('b')).toBe(true);
    await expect(migrate(db, [first])).rejects.toMatchObject({ code: 'QZ_PLATFORM_DATABASE_NEWER' });
  });

  it('answers numbers as numbers', async () => {
    await db.schema.createTable('n', (table) => void table.bigInteger('n'));
    await db('n').insert([{ n: 2 ** 40 }, { n: 1 }]);
    expect(await db('n').sum({ sum: 'n' }).count({ count: '*' }).max({ max: 'n' }).first()).toEqual({
      sum: 2 ** 40 + 1,
      count: 2,
      max: 2 ** 40,
    });
  });
});
