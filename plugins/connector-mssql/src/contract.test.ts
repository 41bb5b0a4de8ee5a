import { describeConnector } from '@qianzhi/testing';
import { describe, it } from 'vitest';
import { mssqlHarness } from './test/harness.js';

const url = process.env.QZ_TEST_MSSQL_URL;

/** Needs a login that may make schemas: `mssql://user:password@host:1433/database`. */
if (url) describeConnector(mssqlHarness(url));
else
  describe.skip('connector contract: mssql (QZ_TEST_MSSQL_URL is not set)', () =>
    it('has no server to run on', () => {}));
