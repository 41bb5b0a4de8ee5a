import type { QianzhiError } from '@qianzhi/model';
import { isDiskFull } from '@qianzhi/model/system-reason';
import { datasetErrors } from './errors.js';

/** QZ_DATASET_DISK_FULL where that is what a system error says. */
export function fullDisk(cause: unknown, workDir: string): QianzhiError | undefined {
  if (!isDiskFull(cause)) return undefined;
  return datasetErrors.DISK_FULL({ workDir }, cause);
}
