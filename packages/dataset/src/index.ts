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
