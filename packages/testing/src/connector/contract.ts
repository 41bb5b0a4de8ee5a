import type { ConnectorHarness, ContractGroup } from './harness.js';
import { type Session, withSession } from './session.js';

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

/** Tests of one group, and what takes their place where the harness writes down that it is not supported. */
export interface ContractSuite {
  readonly group: ContractGroup;
  readonly tests: Readonly<Record<string, (session: Session) => Promise<void>>>;
  /** Where the capabilities alone say whether the group is supported, and nothing is to be written down. */
  readonly applies?: (harness: ConnectorHarness) => boolean;
  /** Asserts that asking for it is refused with a code; missing: the group cannot be declared unsupported. */
  readonly refused?: (session: Session) => Promise<void>;
}

/** The tests that a harness has to pass for one suite. */
export function testsOf(suite: ContractSuite, harness: ConnectorHarness): ContractTest[] {
  const { group } = suite;
  const unasked = suite.applies && !suite.applies(harness) ? 'its capabilities do not say so' : undefined;
  const reason = harness.unsupported[group] ?? unasked;
  if (reason === undefined) {
    return Object.entries(suite.tests).map(([name, test]) => ({
      group,
      name,
      run: (harness) => withSession(harness, test),
    }));
  }
  return [
    {
      group,
      name: `is refused: ${reason}`,
      async run(harness) {
        if (!suite.refused) throw new Error(`group ${group} cannot be declared unsupported`);
        await withSession(harness, suite.refused);
      },
    },
  ];
}
