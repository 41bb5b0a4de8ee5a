import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../services/postgres.js';
import { copyIn } from './copy.js';
import { columnNames, createTable, enterpriseRows } from './enterprise.js';

/** The same for floor and chain; all that decides what survives loss of power is as PostgreSQL ships it (fsync on). */
export const serverSettings = {
  shared_buffers: '512MB',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  autovacuum: 'off',
};

/** What a table holds, whatever the order of its rows. */
export interface Content {
  readonly rows: number;
  readonly hash: string;
}

/** One real server with a database to read from and one to load into. */
export interface Databases {
  readonly server: PostgresServer;
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly source: pg.Client;
  readonly target: pg.Client;
  /** What `enterprise` in the source holds. */
  content(): Promise<Content>;
  /** Throws unless the target's table holds what the source holds. */
  verify(table: string): Promise<void>;
  /** An empty logged table with its primary key in the target; what earlier rounds left is written out before. */
  makeTable(table: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts the server and fills the source's `enterprise` with so many rows. */
export async function openDatabases(rows: number, say: (line: string) => void): Promise<Databases> {
  const server = await startPostgres({ settings: serverSettings });
  const clients: pg.Client[] = [];
  const open = async (url: string) => {
    const client = new pg.Client(url);
    clients.push(client);
    await client.connect();
    return client;
  };
  const close = async () => {
    for (const client of clients) await client.end();
    await server[Symbol.asyncDispose]();
  };
  try {
    const admin = await open(server.url);
    await admin.query('CREATE DATABASE source');
    await admin.query('CREATE DATABASE target');
    const sourceUrl = server.url.replace(/postgres$/, 'source');
    const targetUrl = server.url.replace(/postgres$/, 'target');
    const source = await open(sourceUrl);
    const target = await open(targetUrl);
    await source.query(createTable('enterprise'));
    say(`filling ${rows} rows`);
    await copyIn(source, 'COPY enterprise FROM STDIN', enterpriseRows(0, rows));
    await source.query('VACUUM (FREEZE, ANALYZE) enterprise');
    const content = () => contentOf(source, 'enterprise');
    return {
      server,
      sourceUrl,
      targetUrl,
      source,
      target,
      content,
      async verify(table) {
        const [wanted, found] = [await content(), await contentOf(target, table)];
        if (wanted.rows !== found.rows || wanted.hash !== found.hash) {
          throw new Error(
            `${table} holds ${found.rows} rows (${found.hash}), not ${wanted.rows} (${wanted.hash})`,
          );
        }
      },
      async makeTable(table) {
        await target.query(createTable(table));
        await admin.query('CHECKPOINT');
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The sum of 64-bit digests of whole rows: keys are unique, so equal sums mean equal sets of rows. */
async function contentOf(client: pg.Client, table: string): Promise<Content> {
  const row = `ROW(${columnNames.join(', ')})::text`;
  const { rows } = await client.query(
    `SELECT count(*)::int AS rows, sum(hashtextextended(${row}, 0)::numeric)::text AS hash FROM ${table}`,
  );
  return rows[0];
}
