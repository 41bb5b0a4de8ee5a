import { type ContractResult, type ContractSuite, type ContractTest, testsOf } from './contract.js';
import { abortGroup } from './groups/abort.js';
import { changeTableGroup } from './groups/change-table.js';
import { checkGroup } from './groups/check.js';
import { confirmGroup } from './groups/confirm.js';
import { describeGroup } from './groups/describe.js';
import { discoverGroup } from './groups/discover.js';
import { driftGroup } from './groups/drift.js';
import { filesGroup } from './groups/files.js';
import { flagGroup } from './groups/flag.js';
import { logGroup } from './groups/log.js';
import { queryGroup } from './groups/query.js';
import { secretsGroup } from './groups/secrets.js';
import { sinkMergeGroup } from './groups/sink-merge.js';
import { sinkPartsGroup } from './groups/sink-parts.js';
import { sinkRejectGroup } from './groups/sink-reject.js';
import { sinkSnapshotGroup } from './groups/sink-snapshot.js';
import { snapshotGroup } from './groups/snapshot.js';
import { valuesGroup } from './groups/values.js';
import { watermarkGroup } from './groups/watermark.js';
import { type ConnectorHarness, type ContractGroup, contractGroups } from './harness.js';

const suites: Readonly<Record<ContractGroup, ContractSuite>> = {
  describe: describeGroup,
  check: checkGroup,
  discover: discoverGroup,
  values: valuesGroup,
  snapshot: snapshotGroup,
  watermark: watermarkGroup,
  flag: flagGroup,
  'change-table': changeTableGroup,
  log: logGroup,
  confirm: confirmGroup,
  abort: abortGroup,
  'sink-merge': sinkMergeGroup,
  'sink-snapshot': sinkSnapshotGroup,
  'sink-parts': sinkPartsGroup,
  'sink-reject': sinkRejectGroup,
  files: filesGroup,
  drift: driftGroup,
  query: queryGroup,
  secrets: secretsGroup,
};

/** Every test that the harness has to pass, group by group. */
export function contractTests(harness: ConnectorHarness): ContractTest[] {
  return contractGroups.flatMap((group) => testsOf(suites[group], harness));
}

/** Runs the contract without a test runner; a result without `error` has passed. */
export async function runContract(harness: ConnectorHarness): Promise<ContractResult[]> {
  const results: ContractResult[] = [];
  for (const { group, name, run } of contractTests(harness)) {
    try {
      await run(harness);
      results.push({ group, name });
    } catch (error) {
      results.push({ group, name, error });
    }
  }
  return results;
}
