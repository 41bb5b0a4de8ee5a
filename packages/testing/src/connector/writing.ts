import { createHash } from 'node:crypto';
import type { CatalogResource, DeliveryStream, SnapshotPart } from '@qianzhi/model';
import type { OnRejected, RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import type { RowTexts } from './harness.js';
import { encodeOpRows, type OpRow } from './row-text.js';

export const delivery: DeliveryStream = {
  agreement: 'contract-agreement',
  grantVersion: 1,
  stream: { resource: 'contract', agent: 'contract-agent', epoch: 1 },
};

export function deltaBatch(resource: CatalogResource, seq: number, rows: readonly OpRow[]): SinkBatch {
  return batchOf(resource, seq, 'delta', rows);
}

/** Parts of one snapshot, numbered from `seq`; the last one carries the totals. */
export function snapshotBatches(
  resource: CatalogResource,
  seq: number,
  id: string,
  parts: readonly (readonly RowTexts[])[],
): SinkBatch[] {
  const rows = parts.reduce((sum, part) => sum + part.length, 0);
  return parts.map((part, index) => {
    const last = index === parts.length - 1;
    const snapshot: SnapshotPart = {
      id,
      part: index + 1,
      last,
      ...(last ? { totals: { parts: parts.length, rows } } : {}),
    };
    return { ...batchOf(resource, seq + index, 'snapshot', copies(part)), snapshot };
  });
}

export function upserts(rows: readonly RowTexts[]): OpRow[] {
  return rows.map((fields) => ({ op: 'U', fields }));
}

function copies(rows: readonly RowTexts[]): OpRow[] {
  return rows.map((fields) => ({ op: 'S', fields }));
}

/** D rows: the key, every other field null. */
export function deletes(resource: CatalogResource, rows: readonly RowTexts[]): OpRow[] {
  return rows.map((row) => ({
    op: 'D',
    fields: row.map((value, at) => (resource.items[at]?.key ? value : null)),
  }));
}

function batchOf(
  resource: CatalogResource,
  seq: number,
  kind: 'snapshot' | 'delta',
  rows: readonly OpRow[],
): SinkBatch {
  const bytes = encodeOpRows(rows);
  const digest = createHash('sha256')
    .update(`${kind} ${resource.schemaVersion}\n`)
    .update(bytes)
    .digest('base64url');
  return { delivery, seq, kind, resource, rowsDigest: `sha256:${digest}`, rows: rows.length, bytes };
}

/** A quarantine that takes everything and remembers it. */
export function quarantine(): { readonly onRejected: OnRejected; readonly rows: readonly RowRejection[] } {
  const rows: RowRejection[] = [];
  return {
    rows,
    async onRejected(rejected) {
      rows.push(...rejected);
    },
  };
}

/** For batches whose rows the target must all take. */
export const nothingRejected: OnRejected = async (rows) => {
  throw new Error(
    `the target refused ${rows.length} rows (first: item ${rows[0]?.item}, reason ${rows[0]?.reason})`,
  );
};
