/** Signing and verifying, with Node's crypto behind it; apart from the package root, which stays free of Node. */
export {
  type AuditCheck,
  type AuditEvidence,
  type AuditProblem,
  type AuditProblemCode,
  checkAuditChain,
} from './audit-chain.js';
export { agentEntryDigest, auditDigest, type ChainEntry, chainDigests } from './audit-digest.js';
export { canonicalBytes } from './canonical.js';
export {
  documentDigest,
  lastingDigest,
  type SigningKey,
  signDocument,
  signWithDigest,
  verifyDocument,
  verifyWithDigest,
} from './documents.js';
export { intlSuite } from './intl.js';
export { type AgreementKey, createAgreementKey } from './key-agreement.js';
export { keyIdOf } from './key-id.js';
export { agreeOnFrames, type Frame, type Frames } from './line-frames.js';
export { checkQueryResult } from './query-result.js';
export {
  checkReceipts,
  type ReceiptCheck,
  type ReceiptProblem,
  statesTheSame,
  subjectName,
} from './receipt-chain.js';
export { serviceDigest } from './service-digest.js';
export type { KeyPair, SignatureSuite, StreamingDigest, SuiteName } from './suite.js';
export { suiteOf } from './suites.js';
