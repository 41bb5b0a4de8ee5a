import { writeFile } from 'node:fs/promises';
import { type PostgresServer, startPostgres } from '../../services/postgres.js';
import { type ChainOptions, columns, type Ends, type ResourceName } from '../chain.js';
import { connectTo } from './connect.js';

/** A server of the test's own with the databases `source` and `target`. */
export interface PostgresEnds {
  readonly server: PostgresServer;
  /** Where the consumer finds the server. */
  readonly through: { port?: number };
  /** For the chain's `ends`. */
  make(at: (file: string) => string): Promise<Ends>;
  /** On a connection of its own. */
  sql<T extends object>(database: string, text: string): Promise<T[]>;
  /** Does work while a transaction in the target holds what the statement locks; the server may crash on the way. */
  holding(statement: string, work: () => Promise<void>): Promise<void>;
  /** As the chain's own, in the source. */
  work(day: number, villagesChanged: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startPostgresEnds(of: Pick<ChainOptions, 'villages' | 'firms'>): Promise<PostgresEnds> {
  const server = await startPostgres();
  const through: { port?: number } = {};

  const connect = (database: string) => connectTo(server.url.replace(/postgres$/, database));
  const sql = async <T extends object>(database: string, text: string): Promise<T[]> => {
    const client = await connect(database);
    try {
      const answer = await client.query(text);
      return (Array.isArray(answer) ? answer.at(-1) : answer).rows;
    } finally {
      await client.end();
    }
  };

  await sql('postgres', 'CREATE DATABASE source');
  await sql('postgres', 'CREATE DATABASE target');
  await sql('source', legacy(of));
  return {
    server,
    through,
    async make(at) {
      const { port, username, password } = new URL(server.url);
      await writeFile(at('postgres-password'), password, { mode: 0o600 });
      const connector = (to: string | number, rest: string) =>
        `{ type: postgres, host: 127.0.0.1, port: ${to}, user: ${username}, password: '\${file:postgres-password}', ${rest} }`;
      return {
        connector: {
          source: connector(port, 'database: source, readOnly: true'),
          target: connector(through.port ?? port, 'database: target'),
        },
        async rows(end: 'source' | 'target', resource: ResourceName) {
          const list = columns[resource].map((column) => `${column}::text`);
          const rows = await sql(end, `SELECT ${list.join(', ')} FROM ${resource} ORDER BY code COLLATE "C"`);
          return rows.map((row) => Object.values(row) as (string | null)[]);
        },
      };
    },
    sql,
    async holding(statement, work) {
      const client = await connect('target');
      try {
        await client.query(`BEGIN; ${statement}`);
        await work();
      } finally {
        await client.end();
      }
    },
    async work(day, villagesChanged) {
      await sql(
        'source',
        `UPDATE village SET name = substr(name, 1, 32) || '·${day}' WHERE code < '${key(villagesChanged)}';
        DELETE FROM village WHERE code = '${key(1000 + day)}';
        INSERT INTO village SELECT lpad(n::text, 9, '0'), md5(n::text) FROM generate_series(${900_000_000 + day * 1000}, ${900_000_019 + day * 1000}) n;
        UPDATE firm SET name = 'day ${day}' WHERE code < 'c00020';
        DELETE FROM firm WHERE code = 'c000${50 + day}'`,
      );
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const key = (n: number) => String(n).padStart(9, '0');

/** One row of each is too long for its item. */
function legacy({ villages, firms }: Pick<ChainOptions, 'villages' | 'firms'>): string {
  return `CREATE TABLE village (code text PRIMARY KEY, name text);
    CREATE TABLE firm (code text PRIMARY KEY, name text, phone text);
    CREATE TABLE firm_log (n bigserial PRIMARY KEY, op text, code text);
    CREATE FUNCTION log_firm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO firm_log (op, code) VALUES (left(TG_OP, 1), CASE TG_OP WHEN 'DELETE' THEN OLD.code ELSE NEW.code END);
      RETURN NULL;
    END $$;
    CREATE TRIGGER log AFTER INSERT OR UPDATE OR DELETE ON firm FOR EACH ROW EXECUTE FUNCTION log_firm();
    INSERT INTO village SELECT lpad(n::text, 9, '0'), md5(n::text) FROM generate_series(0, ${villages - 1}) n;
    INSERT INTO village VALUES ('v-long', repeat('x', 41));
    INSERT INTO firm SELECT 'c' || lpad(n::text, 5, '0'), '名称' || n, '138' || n FROM generate_series(0, ${firms - 1}) n;
    INSERT INTO firm VALUES ('f-long', repeat('x', 41), '')`;
}
