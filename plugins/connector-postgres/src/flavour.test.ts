import { configOf, describeConnector, describeWithPostgres, noAbort, quietContext } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from './connection/session.js';
import { connectorOf } from './connector.js';
import { kingbase } from './flavour.js';
import { kingbaseConnector } from './kingbase.js';
import { createDatabase, type TestDatabase } from './test/database.js';
import { postgresHarness } from './test/harness.js';

describeWithPostgres('a flavour of PostgreSQL', (url) => {
  const config = { ...configOf(url), schema: 'public' };

  it('is named as it is, and has a port of its own', async () => {
    const report = await (await kingbaseConnector.open(config, quietContext, noAbort)).check(noAbort);
    expect(report.server).toMatch(/^KingbaseES /);
    expect(report.version).toMatch(/^PostgreSQL \d+/);
    expect(kingbaseConnector.configSchema['properties']).toMatchObject({ port: { default: 54_321 } });
  });

  it('sets what the server has of its own settings, and leaves out what it has not', async () => {
    const flavour = { ...kingbase, settings: { ...kingbase.settings, work_mem: '5MB' } };
    const report = await (await connectorOf(flavour).open(config, quietContext, noAbort)).check(noAbort);
    expect(report.notes.length).toBeGreaterThan(0);
    const full = {
      ...config,
      flavour,
      readOnly: true,
      connectTimeoutMs: 9000,
      statementTimeoutMs: 9000,
      lockTimeoutMs: 9000,
      applicationName: 'x',
    };
    const session = await openSession({ doing: 'look', config: full }, 'read', noAbort);
    const { rows } = await session.query('SHOW work_mem', [], noAbort);
    await session.close();
    expect(rows).toEqual([{ work_mem: '5MB' }]);
  });
});

const kingbaseUrl = process.env.QZ_TEST_KINGBASE_URL;

/** Needs a login that may make databases: `postgres://user:password@host:54321/database`. */
if (kingbaseUrl) {
  describe('KingbaseES', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createDatabase(kingbaseUrl);
    });
    afterAll(() => database[Symbol.asyncDispose]());
    const harness = postgresHarness(() => database);
    describeConnector({
      name: 'kingbase',
      connector: kingbaseConnector,
      unsupported: {},
      get unsupportedValues() {
        return harness.unsupportedValues ?? {};
      },
      openSite: () => harness.openSite(),
    });
  });
}
