import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Knex } from 'knex';
import { databaseErrors } from './errors.js';
import { openLog, SqliteClient } from './sqlite-client.js';

export const DATABASE_FILE = 'platform.sqlite';

/** Settings without which promise 1 does not hold (1 is NORMAL: `SqliteClient` syncs); checked on every connection. */
const required = { journal_mode: 'wal', synchronous: 1, foreign_keys: 1 } as const;

export function sqliteSettings(dataDir: string): Knex.Config {
  return {
    client: SqliteClient,
    connection: { filename: join(dataDir, DATABASE_FILE) },
    useNullAsDefault: true,
    pool: { min: 1, max: 1, afterCreate },
  };
}

function afterCreate(
  connection: BetterSqlite3.Database,
  done: (error: Error | null, connection: BetterSqlite3.Database) => void,
): void {
  prepare(connection).then(
    () => done(null, connection),
    (error) => done(error, connection),
  );
}

async function prepare(connection: BetterSqlite3.Database): Promise<void> {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = NORMAL');
  // the driver's own default is 16 MB, and the system keeps what was read anyway
  connection.pragma('cache_size = -2000');
  // while it is copied back nothing is answered: by the driver's own 1000 pages after every few batches
  connection.pragma('wal_autocheckpoint = 4000');
  connection.pragma('foreign_keys = ON');
  connection.pragma('busy_timeout = 5000');
  keepPrepared(connection);
  for (const [name, value] of Object.entries(required)) {
    const found = connection.pragma(name, { simple: true });
    if (found !== value) throw databaseErrors.DATABASE_UNSAFE({ setting: name, found: String(found) });
  }
  await openLog(connection);
}

/** Statements kept at a time; those over lists of any length would otherwise fill the memory. */
const MOST_PREPARED = 200;

/** Every savepoint that knex itself makes, to change a table, has a name of its own. */
const ONCE = /^(SAVEPOINT|RELEASE( SAVEPOINT)?|ROLLBACK TO( SAVEPOINT)?) trx/i;

/** knex has every statement prepared anew, which costs more than running most of them. */
function keepPrepared(connection: BetterSqlite3.Database): void {
  const prepare = connection.prepare.bind(connection) as (sql: string) => BetterSqlite3.Statement;
  const prepared = new Map<string, BetterSqlite3.Statement>();
  const kept = (sql: string) => {
    const known = prepared.get(sql);
    if (known && !known.busy) return known;
    const statement = prepare(sql);
    if (ONCE.test(sql)) return statement;
    if (prepared.size >= MOST_PREPARED) prepared.clear();
    prepared.set(sql, statement);
    return statement;
  };
  Object.defineProperty(connection, 'prepare', { value: kept });
}

/**
 * knex leaves it at that when a COMMIT fails, and gives the connection, still inside its transaction, to the next: which could
 * begin none, and so on for ever.
 */
export function rollBackWhatIsLeft({ client }: Knex): void {
  const release = client.releaseConnection.bind(client);
  client.releaseConnection = async (connection: BetterSqlite3.Database) => {
    try {
      if (connection.inTransaction) connection.exec('ROLLBACK');
    } catch {
      // knex does not listen to what is thrown here; whoever gets the connection next meets the same disk
    }
    await release(connection);
  };
}
