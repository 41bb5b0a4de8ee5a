import type pg from 'pg';
import { demoErrors } from '../errors.js';
import { quoted } from './demo-database.js';
import { type PostgresAddress, serverName } from './postgres-address.js';
import { withClient } from './postgres-client.js';

/**
 * Makes the schema. Throws QZ_DEMO_SCHEMA_EXISTS where there is one of that name already, unless it may be replaced, and
 * QZ_DEMO_ENCODING_WRONG where the real village names could not be held.
 */
export async function makeSchema(address: PostgresAddress, schema: string, replace: boolean): Promise<void> {
  const server = serverName(address);
  await withClient(address, async (client) => {
    const { rows } = await client.query<{ encoding: string; found: string }>(
      `SELECT pg_catalog.current_setting('server_encoding') AS encoding,
         (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1) AS found`,
      [schema],
    );
    const { encoding, found } = rows[0]!;
    if (encoding !== 'UTF8') throw demoErrors.ENCODING_WRONG({ server, encoding });
    if (found !== '0') {
      if (!replace) throw demoErrors.SCHEMA_EXISTS({ server, schema });
      await drop(client, address, schema);
    }
    await client.query(`CREATE SCHEMA ${quoted(schema)}`);
  });
}

/** Drops the schema and the tables in it. */
export function removeSchema(address: PostgresAddress, schema: string): Promise<void> {
  return withClient(address, (client) => drop(client, address, schema));
}

/** Without CASCADE, which would reach into other schemas: what the demo did not make stops it. */
async function drop(client: pg.Client, address: PostgresAddress, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')`,
    [schema],
  );
  const tables = rows.map(({ name }) => `${quoted(schema)}.${quoted(name)}`);
  await client.query('BEGIN');
  try {
    if (tables.length > 0) await client.query(`DROP TABLE ${tables.join(', ')}`);
    await client.query(`DROP SCHEMA ${quoted(schema)}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (error instanceof Error && 'code' in error && error.code === '2BP01') {
      throw demoErrors.SCHEMA_IN_USE({ server: serverName(address), schema });
    }
    throw error;
  }
}
