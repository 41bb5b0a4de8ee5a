declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type BetterSqlite3 from 'better-sqlite3';
  import { Knex } from 'knex';

  /** A statement on its way through knex, and what became of it. */
  export interface Query {
    readonly sql: string;
    readonly bindings?: readonly unknown[];
    response?: unknown;
    context?: { readonly changes: number; readonly lastID: number | bigint };
  }

  /** What knex calls for each statement and for each connection that it gives up; not in its own types. */
  export default class BetterSqlite3Client extends Knex.Client {
    query(connection: BetterSqlite3.Database, asked: string | Query): Promise<Query>;
    _query(connection: BetterSqlite3.Database, query: Query): Promise<Query>;
    _formatBindings(bindings: readonly unknown[] | undefined): unknown[];
    destroyRawConnection(connection: BetterSqlite3.Database): Promise<void>;
  }
}

declare module 'knex/lib/execution/internal/query-executioner.js' {
  import type { Knex } from 'knex';
  import type { Query } from 'knex/lib/dialects/better-sqlite3/index.js';

  /** Runs a statement by the client's `_query`; what it throws says which statement it was. */
  export function executeQuery(connection: unknown, query: Query, client: Knex.Client): Promise<Query>;
}
