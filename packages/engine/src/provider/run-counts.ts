import type { RunSummary } from '@qianzhi/plugin-api';

/** Counts of a run while it goes; read = stored + rejected when it has ended, well or not. */
export type RunCounts = { -readonly [K in keyof RunSummary]: number };

/** Of two runs that went on one from the other. */
export function addCounts(a: RunSummary, b: RunSummary): RunSummary {
  const sum = newCounts();
  for (const name of Object.keys(sum) as (keyof RunSummary)[]) sum[name] = a[name] + b[name];
  return sum;
}

export function newCounts(): RunCounts {
  return {
    batches: 0,
    bytes: 0,
    read: 0,
    repeated: 0,
    rejected: 0,
    flagged: 0,
    stored: 0,
    delivered: 0,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    deleted: 0,
  };
}
