import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type pg from 'pg';
import {
  BLOCK_ROWS,
  type DemoDatabase,
  type DemoSide,
  type LegacyTable,
  quoted,
  type SideRole,
  type TextRow,
} from './demo-database.js';
import type { PostgresAddress } from './postgres-address.js';
import { databaseError, openClient, withClient } from './postgres-client.js';
import { makeSchema, removeSchema } from './postgres-schema.js';

export interface PostgresSideOptions {
  readonly address: PostgresAddress;
  readonly schema: string;
  /** Drops a schema of that name which an earlier run left. */
  readonly replace: boolean;
  /** The agents read the password from a file in here, for their owner's eyes only. */
  readonly folder: string;
  readonly role: SideRole;
}

/** One schema of its own in a database that is there already; nothing outside the schema is touched. */
export async function postgresSide(options: PostgresSideOptions): Promise<DemoSide> {
  const { address, schema, folder, role } = options;
  await makeSchema(address, schema, options.replace);
  const passwordFile = `${schema}.password`;
  if (address.password !== undefined) {
    await writeFile(join(folder, passwordFile), address.password, { mode: 0o600 });
  }
  const { host, port, database, user, ssl } = address;
  const one = postgresDatabase(address, schema, {
    type: 'postgres',
    ...{ host, port, database, user, schema },
    ...(address.password !== undefined && { password: `\${file:./${passwordFile}}` }),
    ...(ssl && { ssl }),
    ...(role === 'source' && { readOnly: true }),
  });
  return {
    database: () => one,
    async remove() {
      await rm(join(folder, passwordFile), { force: true });
      await removeSchema(address, schema);
    },
  };
}

function postgresDatabase(
  address: PostgresAddress,
  schema: string,
  connector: DemoDatabase['connector'],
): DemoDatabase {
  const here = `SET search_path = ${quoted(schema)}`;

  function using<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return withClient(address, async (client) => {
      await client.query(here);
      return work(client);
    });
  }

  return {
    connector,
    byBytes: 'COLLATE "C"',
    copyFrom: (file, tables) =>
      using(async (client) => {
        const from = new Database(file, { readonly: true });
        try {
          for (const table of tables) {
            const names = Object.keys(table.columns).map(quoted).join(', ');
            const rows = from
              .prepare(`SELECT ${names} FROM ${quoted(table.name)}`)
              .raw()
              .iterate();
            await fill(client, table, rows as Iterable<(string | null)[]>);
          }
        } finally {
          from.close();
        }
      }),
    makeTable: (table, rows) => using((client) => fill(client, table, rows)),
    run: (sql) => using(async (client) => (await client.query(sql)).rowCount ?? 0),
    columnsOf: (table) =>
      using(async (client) => {
        const { rows } = await client.query<{ name: string }>(
          `SELECT a.attname AS name FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
          [quoted(table)],
        );
        return rows.map(({ name }) => name);
      }),
    async *rows(sql) {
      const client = await openClient(address);
      try {
        await client.query(`${here}; BEGIN READ ONLY; DECLARE found NO SCROLL CURSOR FOR ${sql}`);
        for (;;) {
          const { rows } = await client.query<TextRow>(`FETCH ${BLOCK_ROWS} FROM found`);
          if (rows.length === 0) return;
          yield rows;
        }
      } catch (error) {
        throw databaseError(address, error);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
  };
}

/** Makes the table and fills it in one transaction, many rows to a statement. */
async function fill(
  client: pg.Client,
  { name, columns }: LegacyTable,
  rows: Iterable<readonly (string | null)[]>,
): Promise<void> {
  const types = Object.values(columns);
  const defined = Object.entries(columns).map(([column, type]) => `${quoted(column)} ${type}`);
  // a cast to a type with a length would cut what does not fit; writing a text into the column refuses it
  const arrays = types.map((type, index) => `$${index + 1}::${type.includes('(') ? 'text' : type}[]`);
  const insert = `INSERT INTO ${quoted(name)} SELECT * FROM unnest(${arrays.join(', ')})`;
  let block: (string | null)[][] = types.map(() => []);
  const send = async () => {
    if (block[0]!.length > 0) await client.query(insert, block);
    block = types.map(() => []);
  };
  await client.query('BEGIN');
  await client.query(`CREATE TABLE ${quoted(name)} (${defined.join(', ')})`);
  for (const row of rows) {
    for (let index = 0; index < types.length; index++) block[index]!.push(row[index]!);
    if (block[0]!.length === BLOCK_ROWS) await send();
  }
  await send();
  // the key afterwards: building an index at once is faster than growing it
  await client.query(`ALTER TABLE ${quoted(name)} ADD PRIMARY KEY (${quoted(Object.keys(columns)[0]!)})`);
  await client.query('COMMIT');
  await client.query(`ANALYZE ${quoted(name)}`);
}
