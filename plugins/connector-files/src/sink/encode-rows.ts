import { setImmediate } from 'node:timers/promises';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { type RowOp, readRows, rowOffsets } from '@qianzhi/rows';
import type { Encoder, Speller, TargetColumn } from './spell.js';

/** So much row text is taken before others get their turn. */
const SLICE_BYTES = 512 * 1024;
/** So much text is encoded at once. */
const PIECE_CHARS = 256 * 1024;
const FORMULA = /^[=+\-@\t\r]/;

export interface EncodedRows {
  readonly bytes: readonly Buffer[];
  readonly upserts: number;
  readonly deletes: number;
  readonly rejected: readonly RowRejection[];
}

export interface RowForm {
  readonly speller: Speller;
  readonly encoder: Encoder;
  readonly columns: readonly TargetColumn[];
  readonly withOp: boolean;
  readonly rejectFormulas: boolean;
}

/** The rows of a batch as bytes of the file. A row that its encoding cannot hold is left out and told, with the item at fault. */
export async function encodeRows(batch: SinkBatch, form: RowForm): Promise<EncodedRows> {
  const { speller, encoder, columns, withOp } = form;
  const bytes: Buffer[] = [];
  const rejected: RowRejection[] = [];
  const offsets = rowOffsets(batch.bytes);
  const counts = { upserts: 0, deletes: 0 };
  let waiting: { row: number; op: RowOp; values: readonly (string | null)[]; line: string }[] = [];
  let chars = 0;

  function refuse(row: number, op: RowOp, column: number, reason: string): void {
    const item = columns[column]?.item?.column ?? '*';
    rejected.push({ row, op, item, reason, bytes: batch.bytes.slice(offsets[row], offsets[row + 1]) });
  }

  function accept(op: RowOp): void {
    if (op === 'D') counts.deletes++;
    else counts.upserts++;
  }

  function flush(): void {
    const piece = encoder.encode(waiting.map(({ line }) => line).join(''));
    if (piece) {
      bytes.push(piece);
      for (const { op } of waiting) accept(op);
    } else {
      for (const { row, op, values, line } of waiting) {
        const one = encoder.encode(line);
        if (one) {
          bytes.push(one);
          accept(op);
        } else {
          const column = values.findIndex((value) => value !== null && encoder.encode(value) === undefined);
          refuse(row, op, column, 'not-in-encoding');
        }
      }
    }
    waiting = [];
    chars = 0;
  }

  function take(op: RowOp, fields: readonly (string | null)[], row: number): void {
    const values = columns.map(({ field }) => (field < 0 ? null : fields[field]!));
    const formula = form.rejectFormulas
      ? values.findIndex((value, at) => value !== null && isText(columns[at]!) && FORMULA.test(value))
      : -1;
    if (formula >= 0) {
      refuse(row, op, formula, 'formula');
      return;
    }
    const line = speller.line(values, withOp ? (op === 'D' ? 'D' : 'U') : undefined);
    waiting.push({ row, op, values, line });
    chars += line.length;
    if (chars >= PIECE_CHARS) flush();
  }

  const rows = offsets.length - 1;
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && offsets[to]! - offsets[from]! < SLICE_BYTES) to++;
    const first = from;
    const slice = batch.bytes.subarray(offsets[first], offsets[to]);
    readRows(slice, (op, fields, row) => take(op, fields, first + row));
    from = to;
    // others get their turn: timers, sockets, other exchanges
    await setImmediate();
  }
  flush();
  return { bytes, rejected, ...counts };
}

function isText({ item }: TargetColumn): boolean {
  return item?.type === 'C' || item?.type === 'M';
}
