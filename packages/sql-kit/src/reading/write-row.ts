import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, keyOf, type RowOp, type RowWriter, rowLimits } from '@qianzhi/rows';
import type { SqlRow } from '../database/session.js';
import { MEASURES, type Projection } from './projection.js';

/**
 * Writes one row, whose cells from `at` on are those of `selectList`. A row that has no row text is left out and answered, the
 * item at fault as `\N`. `row` is its number in the block.
 */
export function writeRow(
  writer: RowWriter,
  op: RowOp,
  cells: SqlRow,
  at: number,
  projection: Projection,
  row: number,
): RowRejection | undefined {
  const large = Number(cells[at]);
  let next = at + MEASURES;
  let fault =
    large >= 0 ? { item: projection.items[large]!.item.column, reason: 'row-too-large' } : undefined;
  const before = writer.bytes;
  writer.begin(op);
  for (const { item, column, write, constant } of projection.items) {
    if (!column) writer.field(constant);
    else if (!write(writer, cells[next++] ?? null)) {
      fault ??= { item: item.column, reason: 'type' };
      writer.null();
    }
  }
  if (!fault && writer.bytes - before < rowLimits.rowBytes) {
    writer.end();
    return undefined;
  }
  writer.drop();
  return rejection(op, cells, at, projection, row, fault ?? { item: '*', reason: 'row-too-large' });
}

/** The row as far as it is known; of one that is too large the key alone. */
function rejection(
  op: RowOp,
  cells: SqlRow,
  at: number,
  projection: Projection,
  row: number,
  fault: Pick<RowRejection, 'item' | 'reason'>,
): RowRejection {
  const known = createRowWriter(1024);
  let next = at + MEASURES;
  known.begin(op);
  for (const { item, column, write, constant } of projection.items) {
    const cell = column ? (cells[next++] ?? null) : null;
    if (!column) known.field(constant);
    else if ((fault.reason === 'row-too-large' && !item.key) || !write(known, cell)) known.null();
  }
  known.end();
  const bytes = known.take();
  const key = projection.keyFields.length > 0 && { key: Buffer.from(keyOf(bytes, projection.keyFields)) };
  return { row, op, ...fault, bytes, ...key };
}
