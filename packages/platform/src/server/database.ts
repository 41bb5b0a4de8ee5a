import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import createKnex, { type Knex } from 'knex';
import { platformErrors } from '../errors.js';

export const DATABASE_FILE = 'platform.sqlite';

/** Settings without which promise 1 does not hold; checked on every connection. */
const required = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1 } as const;

/**
 * Opens the platform's database in its data folder. There is one connection: inside a transaction use the
 * transaction, never the database. SQL in stores is what SQLite and PostgreSQL both read; JSON is kept as
 * text, times as ISO 8601 text in UTC. Throws QZ_PLATFORM_DATABASE_UNSAFE where a setting does not take.
 */
export async function openDatabase(dataDir: string): Promise<Knex> {
  const db = createKnex({
    client: 'better-sqlite3',
    connection: { filename: join(dataDir, DATABASE_FILE) },
    useNullAsDefault: true,
    acquireConnectionTimeout: 30_000,
    pool: { min: 1, max: 1, afterCreate: prepare },
  });
  try {
    await db.raw('select 1');
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

function prepare(
  connection: BetterSqlite3.Database,
  done: (error: Error | null, connection: BetterSqlite3.Database) => void,
): void {
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    connection.pragma('busy_timeout = 5000');
    for (const [name, value] of Object.entries(required)) {
      const found = connection.pragma(name, { simple: true });
      if (found !== value) throw platformErrors.DATABASE_UNSAFE({ setting: name, found: String(found) });
    }
    done(null, connection);
  } catch (error) {
    done(error as Error, connection);
  }
}
