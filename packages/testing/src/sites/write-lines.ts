import { createHash } from 'node:crypto';
import type { CatalogResource, DeliveryStream } from '@qianzhi/model';
import type { LedgerRow, RowRejection, Sink, SinkBatch } from '@qianzhi/plugin-api';
import { createRowWriter, type RowOp } from '@qianzhi/rows';
import { noAbort } from '../connector/row-lines.js';

/** A delivery of some agent's stream. */
export function deliveryOf(agent = 'agent'): DeliveryStream {
  return { agreement: 'agreement', grantVersion: 1, stream: { resource: 'contract', agent, epoch: 1 } };
}

/** A batch given as lines of row text. A snapshot is one part and the last, unless told. */
export function batchOf(
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  about: Partial<SinkBatch> = {},
): SinkBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const kind = lines[0]?.startsWith('S') ? 'snapshot' : 'delta';
  return {
    delivery: deliveryOf(),
    seq,
    kind,
    ...(kind === 'snapshot' && { snapshot: { id: `s${seq}`, part: 1, last: true } }),
    resource,
    rowsDigest: `sha256:${createHash('sha256').update(bytes).digest('base64url')}`,
    rows: lines.length,
    bytes,
    ...about,
  };
}

export interface Written {
  readonly ledger: LedgerRow;
  readonly rejected: readonly RowRejection[];
}

/** Writes such a batch, and keeps what the target refused. */
export async function write(
  sink: Sink,
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  about: Partial<SinkBatch> = {},
): Promise<Written> {
  const rejected: RowRejection[] = [];
  const onRejected = async (rows: readonly RowRejection[]) => void rejected.push(...rows);
  return { ledger: await sink.write(batchOf(resource, seq, lines, about), onRejected, noAbort), rejected };
}

/** What was left out: `row item reason`. */
export function reasons({ rejected }: Pick<Written, 'rejected'>): string[] {
  return rejected.map(({ row, item, reason }) => `${row} ${item} ${reason}`);
}

/** One row as row text, without its end. */
export function lineOf(op: RowOp, values: readonly (string | null)[]): string {
  const writer = createRowWriter(1024);
  writer.begin(op);
  for (const value of values) writer.text(value);
  writer.end();
  return Buffer.from(writer.take()).toString().slice(0, -1);
}
