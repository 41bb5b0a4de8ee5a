import { setImmediate } from 'node:timers/promises';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { type RowOp, readRows, rowOffsets } from '@qianzhi/rows';
import type { Encoder, Speller, TargetColumn } from './spell.js';

/** So much row text is encoded at once, before others get their turn. */
const SLICE_BYTES = 128 * 1024;
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

/**
 * The rows of a batch as bytes of the file. A row that its encoding cannot hold is left out and told, with the item at fault. A
 * slice is encoded as one text; only where that fails its rows are looked at one by one.
 */
export async function encodeRows(batch: SinkBatch, form: RowForm): Promise<EncodedRows> {
  const { speller, encoder, columns, withOp } = form;
  const bytes: Buffer[] = [];
  const rejected: RowRejection[] = [];
  const offsets = rowOffsets(batch.bytes);
  const counts = { upserts: 0, deletes: 0 };

  function refuse(row: number, op: RowOp, column: number, reason: string): void {
    const item = columns[column]?.item?.column ?? '*';
    rejected.push({ row, op, item, reason, bytes: batch.bytes.slice(offsets[row], offsets[row + 1]) });
  }

  /** Text of the rows that are accepted; those that are not are told. */
  function spell(from: number, to: number, isRefused: Refusal): string {
    let text = '';
    readRows(batch.bytes.subarray(offsets[from], offsets[to]), (op, fields, at) => {
      const values = columns.map(({ field }) => (field < 0 ? null : fields[field]!));
      const line = speller.line(values, withOp ? (op === 'D' ? 'D' : 'U') : undefined);
      const refusal = isRefused(values, line);
      if (refusal) {
        refuse(from + at, op, refusal.column, refusal.reason);
        return;
      }
      if (op === 'D') counts.deletes++;
      else counts.upserts++;
      text += line;
    });
    return text;
  }

  const formula: Refusal = form.rejectFormulas ? (values) => formulaIn(values, columns) : () => undefined;
  const unheld: Refusal = (values, line) => {
    if (encoder.encode(line) !== undefined) return undefined;
    const column = values.findIndex((value) => value !== null && encoder.encode(value) === undefined);
    return { column, reason: 'not-in-encoding' };
  };
  const rows = offsets.length - 1;
  for (let from = 0; from < rows; ) {
    let to = from + 1;
    while (to < rows && offsets[to]! - offsets[from]! < SLICE_BYTES) to++;
    const before = { ...counts, rejected: rejected.length };
    let piece = encoder.encode(spell(from, to, formula));
    if (!piece) {
      Object.assign(counts, { upserts: before.upserts, deletes: before.deletes });
      rejected.length = before.rejected;
      piece = encoder.encode(
        spell(from, to, (values, line) => formula(values, line) ?? unheld(values, line)),
      )!;
    }
    bytes.push(piece);
    from = to;
    // others get their turn: timers, sockets, other exchanges
    await setImmediate();
  }
  return { bytes, rejected, ...counts };
}

type Refusal = (
  values: readonly (string | null)[],
  line: string,
) => { readonly column: number; readonly reason: string } | undefined;

function formulaIn(
  values: readonly (string | null)[],
  columns: readonly TargetColumn[],
): ReturnType<Refusal> {
  const column = values.findIndex(
    (value, at) => value !== null && isText(columns[at]!) && FORMULA.test(value),
  );
  return column < 0 ? undefined : { column, reason: 'formula' };
}

function isText({ item }: TargetColumn): boolean {
  return item?.type === 'C' || item?.type === 'M';
}
