import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isDuplicate } from './is-duplicate.js';
import { openDatabase } from './open-database.js';
import { dropTestDatabase, testDatabase } from './test-database.js';

it('knows which unique column refused a row, in both databases', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
  const db = await openDatabase(folder, testDatabase(folder));
  try {
    await db.schema.createTable('boats', (table) => {
      table.text('name').primary();
      table.text('id').unique();
      table.text('port').notNullable();
    });
    const insert = (name: string, id: string, port: string | null) =>
      db('boats')
        .insert({ name, id, port })
        .then(
          () => undefined,
          (error) => error as unknown,
        );
    expect(await insert('a', '1', 'x')).toBeUndefined();
    const [same, other, missing] = [
      await insert('b', '1', 'x'),
      await insert('a', '2', 'x'),
      await insert('c', '3', null),
    ];
    expect([same, other, missing].map((error) => isDuplicate(error, 'boats', 'id'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(isDuplicate(same, 'ships', 'id')).toBe(false);
  } finally {
    await db.destroy();
    await dropTestDatabase(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});
