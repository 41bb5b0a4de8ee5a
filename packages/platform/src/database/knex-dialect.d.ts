declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type BetterSqlite3 from 'better-sqlite3';
  import { Knex } from 'knex';

  /** What knex calls for each statement and for each connection that it gives up; not in its own types. */
  export default class BetterSqlite3Client extends Knex.Client {
    _query(connection: BetterSqlite3.Database, query: { sql: string }): Promise<unknown>;
    destroyRawConnection(connection: BetterSqlite3.Database): Promise<void>;
  }
}
