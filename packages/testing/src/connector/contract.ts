import type { ConnectorHarness, ContractGroup } from './harness.js';

/** One assertion of the contract: plain and asynchronous, so that it runs with and without a test runner. */
export interface ContractTest {
  readonly group: ContractGroup;
  readonly name: string;
  /** Throws when the connector breaks the contract. */
  run(harness: ConnectorHarness): Promise<void>;
}

export interface ContractResult {
  readonly group: ContractGroup;
  readonly name: string;
  readonly error?: unknown;
}
