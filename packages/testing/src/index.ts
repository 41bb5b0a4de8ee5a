export type { ContractResult, ContractTest } from './connector/contract.js';
export {
  type ConnectorHarness,
  type ConnectorSite,
  type ContractGroup,
  contractGroups,
  overlapMs,
  type RowTexts,
  type TableOptions,
  type TestTable,
  type WrongConfig,
} from './connector/harness.js';
