import createKnex, { type Knex } from 'knex';
import { classify } from './classify.js';
import { type DatabaseConfig, postgresDefaults } from './config.js';
import { groupCommits } from './group-commit.js';
import type { PostgresUse } from './postgres.js';
import { rememberReads } from './remember.js';
import { rollBackWhatIsLeft, sqliteSettings } from './sqlite.js';

/** Every failure reaches its caller as a coded error; knex would print it once more, in its own words. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} };

/**
 * Opens the platform's tables. There is one connection: inside a transaction use the transaction, never the
 * database. SQL in stores is what SQLite and PostgreSQL both read; JSON is kept as text, times as ISO 8601 text in UTC.
 * Throws QZ_PLATFORM_DATABASE_UNSAFE where a setting that keeps data over power loss does not take, and with
 * PostgreSQL _DATABASE_UNAVAILABLE, _LOGIN_WRONG, _MISSING, _DENIED or _IN_USE.
 */
export async function openDatabase(
  dataDir: string,
  config: DatabaseConfig = { kind: 'sqlite' },
  use: PostgresUse = { exclusive: true },
): Promise<Knex> {
  const settings =
    config.kind === 'sqlite'
      ? sqliteSettings(dataDir)
      : (await import('./postgres.js')).postgresSettings(config, use);
  const db = createKnex({
    ...settings,
    acquireConnectionTimeout: 30_000,
    log: silent,
    compileSqlOnError: false, // else the message of a failure holds every value of the statement
  });
  try {
    if (config.kind === 'sqlite') {
      rollBackWhatIsLeft(db);
      rememberReads(db);
    }
    await db.raw('select 1');
    groupCommits(db);
  } catch (error) {
    await db.destroy();
    const place =
      config.kind === 'sqlite'
        ? dataDir
        : `${config.host}:${config.port ?? postgresDefaults.port}/${config.database}`;
    throw classify(error, place) ?? error;
  }
  return db;
}
