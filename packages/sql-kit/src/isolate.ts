/** Rows `from` to before `to` of a batch. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** A range that was refused. `row` where the database told which row it was: a hint, which is proven before it counts. */
export interface RangeFailure<Refusal> {
  readonly refusal: Refusal;
  readonly row?: number | undefined;
}

/**
 * Applies rows in their order, in as few attempts as it can, and finds those that are refused. `attempt` applies a range
 * as a whole or, answering a failure, leaves no trace of it; other errors it throws. A failing range is cut at the row
 * that is named, else in half. `onRefused` gets each refused row once; what it throws ends the work.
 */
export async function isolate<Refusal>(
  rows: number,
  attempt: (range: RowRange) => Promise<RangeFailure<Refusal> | undefined>,
  onRefused: (row: number, refusal: Refusal) => Promise<void>,
): Promise<void> {
  const waiting: RowRange[] = [{ from: 0, to: rows }];
  for (;;) {
    const range = waiting.pop();
    if (!range) return;
    if (range.from >= range.to) continue;
    const failure = await attempt(range);
    if (!failure) continue;
    if (range.to - range.from === 1) await onRefused(range.from, failure.refusal);
    else waiting.push(...cut(range, failure.row));
  }
}

/** The pieces of a range, last one first. */
function cut({ from, to }: RowRange, row: number | undefined): RowRange[] {
  if (row !== undefined && row >= from && row < to) {
    return [
      { from: row + 1, to },
      { from: row, to: row + 1 },
      { from, to: row },
    ];
  }
  const middle = from + Math.ceil((to - from) / 2);
  return [
    { from: middle, to },
    { from, to: middle },
  ];
}
