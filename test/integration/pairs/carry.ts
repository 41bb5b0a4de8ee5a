import { createHash, randomUUID } from 'node:crypto';
import type { CatalogResource, DeliveryStream, SnapshotPart } from '@qianzhi/model';
import type { LedgerRow, RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { compileValidator, createRowWriter, decodeRows } from '@qianzhi/rows';
import type { RowTexts } from '@qianzhi/testing';
import { expect } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { never, type PairSite, type Table } from './sites/site.js';

/** Rows of row text, as the engine hands them from source to sink. */
export interface Load {
  readonly rows: number;
  readonly bytes: Buffer;
}

export interface Written {
  readonly ledger: LedgerRow;
  readonly rejected: readonly RowRejection[];
}

export function resourceFor({ columns }: Table): CatalogResource {
  return { ...resourceOf('pairs', []), items: columns.map(({ item }) => item) };
}

/** A full copy through source and validator, which must refuse nothing: in parts of about `partBytes`. */
export async function readParts(
  from: PairSite,
  resource: CatalogResource,
  source: object,
  partBytes = 4096,
): Promise<Load[]> {
  await using connection = await from.connect();
  await using opened = await connection.source({ resource, strategy: 'snapshot', source }, never);
  const validator = compileValidator(resource);
  const parts: Load[] = [];
  for await (const block of opened.read(undefined, { blockBytes: partBytes }, never)) {
    if (block.kind !== 'rows') throw new Error('a table is read as rows');
    expect(block.rejected).toEqual([]);
    const { rejected, bytes, rows } = validator.validate(block.bytes);
    expect(rejected.map(({ column, reason, row }) => `${row} ${column} ${reason}`)).toEqual([]);
    if (rows > 0) parts.push({ rows, bytes: Buffer.from(bytes) });
    block.release?.();
  }
  return parts;
}

export function rowsOf(parts: readonly Load[]): RowTexts[] {
  return parts.flatMap(({ bytes }) => [...decodeRows(bytes)].map(({ fields }) => fields));
}

/** One exchange into a target, opened anew for each `write` as after a restart. */
export interface Exchange {
  write(batch: SinkBatch, signal?: AbortSignal): Promise<Written>;
  snapshot(parts: readonly Load[]): SinkBatch[];
  delta(load: Load): SinkBatch;
}

export function exchangeInto(to: PairSite, resource: CatalogResource, target: object): Exchange {
  const exchange = `in-${randomUUID()}`;
  const delivery: DeliveryStream = {
    agreement: 'pairs',
    grantVersion: 1,
    stream: { resource: resource.code, agent: exchange, epoch: 1 },
  };
  let seq = 0;
  const batchOf = (load: Load, snapshot?: SnapshotPart): SinkBatch => ({
    delivery,
    seq: ++seq,
    kind: snapshot ? 'snapshot' : 'delta',
    ...(snapshot && { snapshot }),
    resource,
    ...load,
    rowsDigest: `sha256:${createHash('sha256').update(load.bytes).digest('base64url')}`,
  });
  return {
    async write(batch, signal = never) {
      const rejected: RowRejection[] = [];
      await using connection = await to.connect();
      await using sink = await connection.sink({ exchange, resource, target }, never);
      const keep = async (rows: readonly RowRejection[]) => void rejected.push(...rows);
      return { ledger: await sink.write(batch, keep, signal), rejected };
    },
    snapshot(parts) {
      const rows = parts.reduce((sum, part) => sum + part.rows, 0);
      const id = randomUUID();
      return parts.map((part, at) => {
        const last = at === parts.length - 1;
        const totals = last ? { totals: { parts: parts.length, rows } } : {};
        return batchOf(part, { id, part: at + 1, last, ...totals });
      });
    },
    delta: (load) => batchOf(load),
  };
}

export function upsertsOf(rows: readonly RowTexts[]): Load {
  const writer = createRowWriter();
  for (const row of rows) {
    writer.begin('U');
    for (const text of row) writer.text(text);
    writer.end();
  }
  return { rows: rows.length, bytes: Buffer.from(writer.take()) };
}

/** In an order that says nothing: tables have none. */
export function sorted(rows: readonly RowTexts[]): RowTexts[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Key texts of the refused rows, of their first column. */
export function refusedIds(rejected: readonly RowRejection[]): (string | null)[] {
  return rejected.map(({ bytes }) => [...decodeRows(bytes)][0]!.fields[0]!);
}
