export { type BrokenConnector, brokenConnectors } from './broken/broken-connectors.js';
export type { ContractResult, ContractTest } from './connector/contract.js';
export { describeCapture } from './connector/describe-capture.js';
export { describeConnector } from './connector/describe-connector.js';
export {
  type ConnectorHarness,
  type ConnectorSite,
  type ContractGroup,
  contractGroups,
  flagColumn,
  overlapMs,
  type RowTexts,
  type TableOptions,
  type TestFolder,
  type TestTable,
  type WrongConfig,
} from './connector/harness.js';
export { rowsReadBack } from './connector/read-back.js';
export {
  batchOfLines,
  noAbort,
  quietContext,
  type ReadLines,
  readLines,
  resourceWith,
} from './connector/row-lines.js';
export { contractTests, runContract } from './connector/run-contract.js';
export { type ValueVector, valueVectors } from './connector/value-vectors.js';
export { delivery } from './connector/writing.js';
export { type Gateway, type GatewayOptions, startRewritingGateway } from './faults/rewriting-gateway.js';
export { startTcpProxy, type TcpProxy, type TcpProxyOptions, type TcpTarget } from './faults/tcp-proxy.js';
export { type ModeTest, modeTests } from './mode/contract.js';
export { describeMode } from './mode/describe-mode.js';
export { type ExchangeOptions, type ModeGroup, type ModeHarness, modeGroups } from './mode/harness.js';
export { createReferenceConnector } from './reference/connector.js';
export { referenceHarness } from './reference/harness.js';
export { createMemoryServer, type MemoryServer } from './reference/memory-server.js';
export { describeWithMysql, describeWithPostgres, describeWithSshd } from './services.js';
export {
  askForMany,
  askForOne,
  firmLookup,
  firmParameters,
  firmResource,
  firmsNamed,
  hostileName,
  statementsForMany,
  twoFirms,
} from './sites/ask-for-one.js';
export { createLogGroup, type LogGroup, type LogMember } from './sites/log-group.js';
export { type Exchanges, openExchanges } from './sites/open-exchanges.js';
export { codeOf, until } from './sites/outcomes.js';
export { overDrivers } from './sites/over-drivers.js';
export { type Read, readAll, readOf } from './sites/read-all.js';
export {
  emptyReplica,
  follower,
  type Pick,
  type Replica,
  replicate,
  replicateOrCrash,
  seededPick,
  stormSeeds,
} from './sites/replica.js';
export { configOf, joinedValues, tableSource, wrongServerConfigs } from './sites/server.js';
export { batchOf, deliveryOf, lineOf, reasons, type Written, write } from './sites/write-lines.js';
export { hasSshd, type Sshd, startSshd } from './sshd.js';
