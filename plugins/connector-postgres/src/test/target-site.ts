import { configOf, type Exchanges, joinedValues, openExchanges, resourceWith } from '@qianzhi/testing';
import type pg from 'pg';
import { postgresConnector } from '../connector.js';
import { quoted } from '../identifier.js';
import { connectText, type TestDatabase } from './database.js';

export {
  batchOf,
  deliveryOf,
  noAbort as signal,
  reasons,
  resourceWith as resourceOf,
  type Written,
  write,
} from '@qianzhi/testing';

/** `id` as key, and `name`. */
export const keyed = resourceWith([
  { column: 'id', type: 'C', length: 20, key: true },
  { column: 'name', type: 'C', length: 50 },
]);

export interface TargetSite extends Exchanges {
  readonly schema: string;
  /** The target's owner, in the site's schema. */
  readonly db: pg.Client;
  readonly config: Record<string, unknown>;
  /** One column of each row, or all of them joined by `|`. */
  values(sql: string): Promise<(string | null)[]>;
  /** Another session of the same user. */
  connect(): Promise<pg.Client>;
}

let sites = 0;

/** A schema of its own with an odd name; tables are made by plain SQL. */
export async function openTargetSite({ db, url }: TestDatabase, more: object = {}): Promise<TargetSite> {
  const schema = `目标 "${++sites}"`;
  await db.query(`CREATE SCHEMA ${quoted(schema)}; SET search_path = ${quoted(schema)}`);
  const config = { ...configOf(url), schema, ...more };
  const exchanges = openExchanges(postgresConnector, config);
  exchanges.keep({
    async [Symbol.asyncDispose]() {
      await db.query(`DROP SCHEMA ${quoted(schema)} CASCADE`);
    },
  });
  return Object.assign(exchanges, {
    schema,
    db,
    config,
    async values(sql: string) {
      return joinedValues((await db.query<(string | null)[]>({ text: sql, rowMode: 'array' })).rows);
    },
    async connect() {
      const client = await connectText(url);
      client.on('error', () => {});
      await client.query(`SET search_path = ${quoted(schema)}`);
      exchanges.keep({ [Symbol.asyncDispose]: () => client.end() });
      return client;
    },
  });
}
