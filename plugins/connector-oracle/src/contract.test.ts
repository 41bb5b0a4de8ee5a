import { describeConnector } from '@qianzhi/testing';
import { describe, it } from 'vitest';
import { oracleHarness } from './test/harness.js';

const url = process.env.QZ_TEST_ORACLE_URL;

/** Needs an empty schema with the right to make tables and triggers: `oracle://user:password@host:1521/service`. */
if (url) describeConnector(oracleHarness(url));
else
  describe.skip('connector contract: oracle (QZ_TEST_ORACLE_URL is not set)', () =>
    it('has no server to run on', () => {}));
