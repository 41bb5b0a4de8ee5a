export { createDataset, type Dataset, type DatasetOptions } from './dataset.js';
export { datasetErrors } from './errors.js';
export type {
  CompareRequest,
  Comparison,
  DiffCounts,
  DiffRequest,
  DiffResult,
  RowFile,
  WrittenFile,
} from './requests.js';
export {
  type BatchFile,
  type DeliverFormat,
  type DeliverNotes,
  type DeliverRequest,
  type DeliverResult,
  deliverFormats,
  type FoldRequest,
  type FoldResult,
  type TraceCandidate,
  type TraceEvidence,
} from './requests-deliver.js';
