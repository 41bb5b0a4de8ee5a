import type { RunSummary } from '@qianzhi/plugin-api';

/** Counts of a run while it goes; read = stored + rejected when it has ended well. */
export type RunCounts = { -readonly [K in keyof RunSummary]: number };

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
