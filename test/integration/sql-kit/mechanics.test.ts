import { contractTests, describeConnector, describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../plugins/connector-postgres/src/test/database.js';
import { postgresHarness } from '../../../plugins/connector-postgres/src/test/harness.js';
import { askableConnector, sqlKitConnector } from './connector.js';

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
  const kit = {
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
  };
  describeConnector(kit);

  /** How a statement is ended in the database is the driver's. */
  const asks = /by lookup and by statement|part of the statement|many sets|fewer values/;
  const askable = { ...kit, connector: askableConnector };
  for (const { group, name, run } of contractTests(askable)) {
    if (group === 'query' && asks.test(name)) it(`query: ${name}`, { timeout: 120_000 }, () => run(askable));
  }
});
