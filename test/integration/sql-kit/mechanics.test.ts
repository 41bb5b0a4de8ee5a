import { describeConnector, describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../plugins/connector-postgres/src/test/database.js';
import { postgresHarness } from '../../../plugins/connector-postgres/src/test/harness.js';
import { sqlKitConnector } from './connector.js';

/**
 * What connectors share in sql-kit (keyset walks, marks, holes, staging, merge, ledger, isolation) keeps the contract on a real
 * database, whatever dialect a connector brings.
 */
describeWithPostgres('sql-kit on PostgreSQL', (url) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(url);
  });
  afterAll(() => database[Symbol.asyncDispose]());
  const harness = postgresHarness(() => database);
  const never = 'no column of such a value';
  describeConnector({
    name: 'sql-kit',
    connector: sqlKitConnector,
    unsupported: { 'sink-parts': 'parts are loaded one after another' },
    unsupportedValues: {
      'type-T': never,
      'type-D-allow-zero-date-infinity': never,
      'type-T-allow-zero-date-infinity': never,
      'type-N-scale-1-allow-nan-infinity': never,
      'type-B-allow-nan-infinity': never,
      'type-B': never,
      'type-I': 'more digits than a decimal has',
    },
    openSite: () => harness.openSite(),
  });
});
