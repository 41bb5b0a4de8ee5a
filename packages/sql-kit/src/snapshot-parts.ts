import type { SnapshotPart } from '@qianzhi/model';

/** What the ledger holds of a snapshot that is not applied yet: its highest part and the sums of its rows. */
export interface StagedTotals {
  readonly parts: number;
  readonly delivered: number;
  readonly rejected: number;
}

export const nothingStaged: StagedTotals = { parts: 0, delivered: 0, rejected: 0 };

/** What is wrong with a snapshot, in both languages. */
export interface SnapshotProblem {
  readonly zh: string;
  readonly en: string;
}

/** What is wrong with the order of a part; undefined if it follows. Part 1 starts anew. */
export function partProblem(part: SnapshotPart, before: StagedTotals): SnapshotProblem | undefined {
  if (part.part === 1 || part.part === before.parts + 1) return undefined;
  return {
    zh: `第 ${part.part} 部分接在第 ${before.parts} 部分之后`,
    en: `part ${part.part} comes after part ${before.parts}`,
  };
}

/** What is wrong with a whole snapshot: `held` are the rows of the shadow table, `whole` the sums over all parts. */
export function wholeProblem(
  { totals }: SnapshotPart,
  whole: StagedTotals,
  held: number,
): SnapshotProblem | undefined {
  if (totals && (totals.parts !== whole.parts || totals.rows !== whole.delivered)) {
    return {
      zh: `收到 ${whole.parts} 部分 ${whole.delivered} 行,声明为 ${totals.parts} 部分 ${totals.rows} 行`,
      en: `${whole.delivered} rows in ${whole.parts} parts came, ${totals.rows} in ${totals.parts} were announced`,
    };
  }
  const due = whole.delivered - whole.rejected;
  if (held === due) return undefined;
  return {
    zh: `影子表有 ${held} 行,台账为 ${due} 行`,
    en: `the shadow table holds ${held} rows, the ledger ${due}`,
  };
}
