import { configOf, describeWithPostgres, type Exchanges, openExchanges } from '@qianzhi/testing';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { postgresConnector } from '../connector.js';
import { connectText, createDatabase, type TestDatabase } from './database.js';

export { noAbort as signal, type Read, readAll, readOf, until } from '@qianzhi/testing';

export interface SourceSite extends Exchanges {
  /** The legacy program's session. */
  readonly db: pg.Client;
  readonly config: ReturnType<typeof configOf>;
  readonly database: TestDatabase;
  /** Another session of the legacy program. */
  session(): Promise<pg.Client>;
}

/** A suite over one database of its own; sources and sessions of a test are closed with the test. */
export function describeSource(name: string, suite: (site: () => SourceSite) => void): void {
  describeWithPostgres(name, (url) => {
    let database: TestDatabase;
    let site: SourceSite;
    beforeAll(async () => {
      database = await createDatabase(url);
      site = siteOf(database);
    });
    afterEach(() => site[Symbol.asyncDispose]());
    afterAll(async () => {
      await database[Symbol.asyncDispose]();
    });
    suite(() => site);
  });
}

/** Sources over a database; disposing closes them and the sessions opened so far. */
export function siteOf(database: TestDatabase): SourceSite {
  const config = configOf(database.url);
  const exchanges = openExchanges(postgresConnector, config);
  return Object.assign(exchanges, {
    db: database.db,
    config,
    database,
    async session() {
      const session = await connectText(database.url);
      session.on('error', () => undefined);
      // a test may have ended it already
      exchanges.keep({ [Symbol.asyncDispose]: () => session.end().catch(() => undefined) });
      return session;
    },
  });
}
