import { describeConnector, describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll } from 'vitest';
import { createDatabase, type TestDatabase } from './test/database.js';
import { postgresHarness } from './test/harness.js';

describeWithPostgres('connector-postgres', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());
  describeConnector(postgresHarness(() => database));
});
