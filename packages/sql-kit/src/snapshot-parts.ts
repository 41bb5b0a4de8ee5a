import type { SnapshotPart } from '@qianzhi/model';

/** What the ledger holds of a snapshot that is not applied yet: its highest part and the sums of its rows. */
export interface StagedTotals {
  readonly parts: number;
  readonly delivered: number;
  readonly rejected: number;
}

export const nothingStaged: StagedTotals = { parts: 0, delivered: 0, rejected: 0 };

/** What is wrong with the order of a part; undefined if it follows. Part 1 starts anew. */
export function partProblem(part: SnapshotPart, before: StagedTotals): string | undefined {
  if (part.part === 1 || part.part === before.parts + 1) return undefined;
  return `part ${part.part} comes after part ${before.parts}`;
}

/** What is wrong with a whole snapshot: `held` are the rows of the shadow table, `whole` the sums over all parts. */
export function wholeProblem(part: SnapshotPart, whole: StagedTotals, held: number): string | undefined {
  const { totals } = part;
  if (totals && (totals.parts !== whole.parts || totals.rows !== whole.delivered)) {
    return `${whole.delivered} rows in ${whole.parts} parts came, ${totals.rows} in ${totals.parts} were announced`;
  }
  const due = whole.delivered - whole.rejected;
  return held === due ? undefined : `the shadow table holds ${held} rows, the ledger ${due}`;
}
