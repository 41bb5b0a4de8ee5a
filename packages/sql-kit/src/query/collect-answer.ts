import type { QueryLimits, QueryRows, RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, type RowWriter } from '@qianzhi/rows';

/** Takes rows of an answer until a bound is reached. */
export interface AnswerCollector {
  /** Has one row written, or a rejection answered. False: no further row is wanted. */
  row(write: (writer: RowWriter, row: number) => RowRejection | undefined): boolean;
  /** Which bound was reached. */
  readonly over: QueryRows['stoppedBy'];
  rows(): QueryRows;
}

export function collectAnswer({ maxRows, maxBytes }: QueryLimits): AnswerCollector {
  const writer = createRowWriter(4096);
  const rejected: RowRejection[] = [];
  let stoppedBy: QueryRows['stoppedBy'];
  let rows = 0;
  let end: number | undefined;
  return {
    get over() {
      return stoppedBy;
    },
    row(write) {
      if (stoppedBy) return false;
      if (rows + rejected.length >= maxRows) {
        stoppedBy = 'rows';
        return false;
      }
      const before = writer.bytes;
      const refused = write(writer, rows + rejected.length);
      if (refused) rejected.push(refused);
      else if (writer.bytes > maxBytes) {
        stoppedBy = 'bytes';
        end = before;
        return false;
      } else rows++;
      return true;
    },
    rows: () => ({ bytes: writer.take().subarray(0, end), rows, stoppedBy, rejected }),
  };
}
