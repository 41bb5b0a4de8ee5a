import {
  configOf,
  describeWithMysql,
  type Exchanges,
  joinedValues,
  openExchanges,
  resourceWith,
} from '@qianzhi/testing';
import { afterEach, beforeEach } from 'vitest';
import { mysqlConnector } from '../connector.js';
import { connect, createDatabase, type LegacySession, type TestDatabase } from './database.js';

export {
  batchOf,
  codeOf,
  deliveryOf,
  noAbort as signal,
  type Read,
  readAll,
  reasons,
  resourceWith as resourceOf,
  until,
  type Written,
  write,
} from '@qianzhi/testing';

/** `id` as key, and `name`. */
export const keyed = resourceWith([
  { column: 'id', type: 'C', length: 20, key: true },
  { column: 'name', type: 'C', length: 50 },
]);

/** A database of one's own, with a legacy session and whatever a test opens on it. */
export interface Site extends Exchanges {
  readonly serverUrl: string;
  readonly database: TestDatabase;
  readonly db: LegacySession;
  readonly config: ReturnType<typeof configOf>;
  session(): Promise<LegacySession>;
  /** One column of each row, or all of them joined by `|`. */
  values(sql: string): Promise<(string | null)[]>;
}

/** A suite whose tests have a database each. */
export function describeSite(name: string, suite: (site: () => Site) => void): void {
  describeWithMysql(name, (url) => {
    let site: Site;
    beforeEach(async () => {
      site = await openSite(url);
    });
    afterEach(() => site[Symbol.asyncDispose]());
    suite(() => site);
  });
}

export async function openSite(serverUrl: string, options?: string): Promise<Site> {
  const database = await createDatabase(serverUrl, options);
  const config = configOf(database.url);
  const exchanges = openExchanges(mysqlConnector, config);
  exchanges.keep(database);
  return Object.assign(exchanges, {
    serverUrl,
    database,
    db: database.db,
    config,
    session: async () => exchanges.keep(await connect(database.url)),
    values: async (sql: string) => joinedValues(await database.db.run(sql)),
  });
}
