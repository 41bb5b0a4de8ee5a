import type { CatalogResource, DeliveryStream } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp, rowsDigest } from '@qianzhi/rows';

export const delivery: DeliveryStream = {
  agreement: 'a-1',
  grantVersion: 1,
  stream: { resource: 'files_test', agent: 'mz-1', epoch: 1 },
};

type Row = readonly (string | null)[];

/** `rows` begin with their op. */
export function deltaOf(resource: CatalogResource, seq: number, rows: readonly Row[]): SinkBatch {
  return batch(resource, seq, 'delta', rows);
}

export function snapshotOf(
  resource: CatalogResource,
  seq: number,
  id: string,
  parts: readonly (readonly Row[])[],
): SinkBatch[] {
  const rows = parts.reduce((sum, part) => sum + part.length, 0);
  return parts.map((part, index) => {
    const last = index === parts.length - 1;
    const totals = last ? { totals: { parts: parts.length, rows } } : {};
    const made = batch(
      resource,
      seq + index,
      'snapshot',
      part.map((row) => ['S', ...row]),
    );
    return { ...made, snapshot: { id, part: index + 1, last, ...totals } };
  });
}

function batch(
  resource: CatalogResource,
  seq: number,
  kind: 'snapshot' | 'delta',
  rows: readonly Row[],
): SinkBatch {
  const writer = createRowWriter(1024);
  for (const [op, ...fields] of rows) {
    writer.begin(op as RowOp);
    for (const field of fields) writer.text(field);
    writer.end();
  }
  const bytes = writer.take();
  const digest = rowsDigest({ kind, schemaVersion: resource.schemaVersion }, bytes);
  return { delivery, seq, kind, resource, rowsDigest: digest, rows: rows.length, bytes };
}
