import { describeWithPostgres } from '@qianzhi/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { postgresConnector } from './connector.js';
import { createDatabase, type TestDatabase } from './test/database.js';
import { openTargetSite, signal } from './test/target-site.js';

describeWithPostgres('postgres discover', (url) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(url);
  });
  afterEach(() => database[Symbol.asyncDispose]());

  it('names the columns that an index over all rows leads with', async () => {
    await using site = await openTargetSite(database);
    await site.db.query(`CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int, d int UNIQUE);
      CREATE INDEX ON t (a, b); CREATE INDEX ON t (c) WHERE c > 1; CREATE INDEX ON t ((b + 1))`);
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const context = { log, now: () => new Date(), tempDir: '/tmp', timeZone: 'Asia/Shanghai' };
    await using connection = await postgresConnector.open(site.config, context, signal);
    const [found] = await connection.discover({ table: 't' }, signal);
    expect(found?.indexed?.toSorted()).toEqual(['a', 'd', 'id']);
  });
});
