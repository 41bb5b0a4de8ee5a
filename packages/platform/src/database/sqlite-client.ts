/// <reference path="./knex-dialect.d.ts" />
import { closeSync, openSync } from 'node:fs';
import { type QianzhiError, systemReason } from '@qianzhi/model';
import { createDataSync, type DataSync } from '@qianzhi/rows/data-sync';
import type BetterSqlite3 from 'better-sqlite3';
import BetterSqlite3Client, { type Query } from 'knex/lib/dialects/better-sqlite3/index.js';
import { executeQuery } from 'knex/lib/execution/internal/query-executioner.js';
import { databaseErrors } from './errors.js';
import { forgetWritten } from './remember.js';

interface Log {
  readonly fd: number;
  readonly sync: DataSync;
  failure?: QianzhiError;
}

/** A transaction of knex has a client of its own, so what belongs to a connection is kept beside it. */
const logs = new WeakMap<BetterSqlite3.Database, Log>();

const WRITES_NOTHING = /^\s*(select|pragma|explain|rollback)\b/i;

/**
 * SQLite waits for the disk on the thread that commits, and here that thread answers all requests. So it writes its log
 * without waiting (synchronous=NORMAL, which keeps the order of what must be in order), and the log is synced, off that
 * thread where the disk is slow, before the one connection goes on: nobody is answered, and nobody reads, what loss of power could take back.
 */
export class SqliteClient extends BetterSqlite3Client {
  /** As knex does it, without writing it down for its debugging, which takes longer than running most statements. */
  override query(connection: BetterSqlite3.Database, asked: string | Query): Promise<Query> {
    const query = typeof asked === 'string' ? { sql: asked } : asked;
    this.emit('query', query);
    return executeQuery(connection, query, this);
  }

  override async _query(connection: BetterSqlite3.Database, query: Query): Promise<Query> {
    const log = logs.get(connection)!;
    if (log.failure) throw log.failure;
    forgetWritten(this.config, query.sql);
    const statement = connection.prepare(query.sql);
    const bindings = this._formatBindings(query.bindings);
    if (statement.reader) query.response = statement.all(bindings);
    else {
      const done = statement.run(bindings);
      query.response = done;
      query.context = { changes: done.changes, lastID: done.lastInsertRowid };
    }
    if (!connection.inTransaction && !WRITES_NOTHING.test(query.sql)) await syncLog(log);
    return query;
  }

  override async destroyRawConnection(connection: BetterSqlite3.Database): Promise<void> {
    const log = logs.get(connection);
    if (log) closeSync(log.fd);
    logs.delete(connection);
    await super.destroyRawConnection(connection);
  }
}

/**
 * Comes before anything is asked of a connection. A log that is there was left by a process that was killed, perhaps before
 * it had synced what SQLite now reads from it. Throws QZ_PLATFORM_DATABASE_HALTED.
 */
export async function openLog(connection: BetterSqlite3.Database): Promise<void> {
  // SQLite opens or makes its log with the first read, and keeps one and the same file for as long as the connection is open
  connection.prepare('select count(*) from sqlite_schema').get();
  const log = { fd: openSync(`${connection.name}-wal`, 'r+'), sync: createDataSync() };
  logs.set(connection, log);
  await syncLog(log);
}

/** After a sync that failed nobody knows what the disk holds: nothing is read or written any more. */
async function syncLog(log: Log): Promise<void> {
  try {
    await log.sync(log.fd);
  } catch (error) {
    log.failure = databaseErrors.DATABASE_HALTED({ reason: systemReason(error) }, error);
    throw log.failure;
  }
}
