/** For tests: a new database, with a table of numbers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { openDatabase } from './open-database.js';
import { dropTestDatabase, testDatabase } from './test-database.js';

export interface Numbers {
  readonly db: Knex;
  /** What the table holds, in order. */
  held(): Promise<number[]>;
  close(): Promise<void>;
}

export async function openNumbers(): Promise<Numbers> {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  const db = await openDatabase(folder, testDatabase(folder));
  await db.schema.createTable('n', (table) => void table.bigInteger('n').primary());
  return {
    db,
    held: () => db('n').orderBy('n').pluck('n'),
    async close() {
      await db.destroy();
      await dropTestDatabase(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
