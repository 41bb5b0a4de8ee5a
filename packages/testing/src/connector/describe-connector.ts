import { describe, it } from 'vitest';
import { type ConnectorHarness, contractGroups } from './harness.js';
import { contractTests } from './run-contract.js';

/** Registers the connector contract with vitest: one `describe` for each group. Call it at the top of a test file. */
export function describeConnector(harness: ConnectorHarness): void {
  const tests = contractTests(harness);
  describe(`connector contract: ${harness.name}`, () => {
    for (const group of contractGroups) {
      describe(group, () => {
        for (const test of tests.filter((each) => each.group === group)) {
          it(test.name, { timeout: 120_000 }, () => test.run(harness));
        }
      });
    }
  });
}
