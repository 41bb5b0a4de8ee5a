import type { PlatformConfigInput } from '@qianzhi/platform';
import pg from 'pg';
import { query } from '../fixtures/tables.js';

const INT8 = 20;

/** Rows of the platform's tables, wherever its config has them; whole numbers as numbers. */
export async function rowsOfPlatform<T>(
  text: string,
  file: string,
  { database }: Partial<PlatformConfigInput> = {},
): Promise<T[]> {
  if (database?.kind !== 'postgres') return query<T>(file, text);
  const { host, port, user, password, schema } = database;
  const types = {
    getTypeParser: (oid: number) => (oid === INT8 ? Number : pg.types.getTypeParser(oid)),
  };
  const client = new pg.Client({ host, port, user, password, database: database.database, types });
  await client.connect();
  try {
    await client.query(`SET search_path TO ${schema}`);
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
