import { describe, expect, it } from 'vitest';
import { contractGroups } from '../connector/harness.js';
import { runContract } from '../connector/run-contract.js';
import { brokenConnectors } from './broken-connectors.js';

describe('the connector contract finds each fault, and nothing else', () => {
  for (const { name, breaks, harness } of brokenConnectors) {
    // most of a contract is waiting, and each has a connector of its own
    it.concurrent(`${breaks}: ${name}`, { timeout: 120_000 }, async () => {
      const failed = (await runContract(harness())).filter((result) => result.error !== undefined);
      expect([...new Set(failed.map((result) => result.group))]).toEqual([breaks]);
    });
  }

  it('every group has a connector that breaks it', () => {
    expect(new Set(brokenConnectors.map((broken) => broken.breaks))).toEqual(new Set(contractGroups));
  });
});
