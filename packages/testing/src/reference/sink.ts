import {
  type ApplyCounts,
  type DeliveryStream,
  deliveryName,
  noCounts,
  throwIfCancelled,
} from '@qianzhi/model';
import type {
  LedgerRow,
  LoadedPart,
  OnRejected,
  PartLoader,
  RowRejection,
  Sink,
  SinkBatch,
  SinkSpec,
} from '@qianzhi/plugin-api';
import { createRowWriter, type DecodedRow, decodeRows } from '@qianzhi/rows';
import type { RowTexts } from '../connector/harness.js';
import { referenceErrors } from '../errors.js';
import { type MemoryServer, type MemoryTable, placeOf, project, putRow, removeRow } from './memory-server.js';

/** Everything is worked out first; the last, synchronous step puts rows and ledger row in place together. */
export function openMemorySink(server: MemoryServer, table: MemoryTable, spec: SinkSpec): Sink {
  const ledgerName = (delivery: DeliveryStream) => `${spec.exchange} ${deliveryName(delivery)}`;
  const ledgerOf = (delivery: DeliveryStream) => server.ledger.get(ledgerName(delivery)) ?? [];

  const partMissing = ({ seq, resource }: SinkBatch) =>
    referenceErrors.PART_MISSING({ exchange: spec.exchange, seq, resource: resource.code });

  function commit(batch: SinkBatch, stage: LedgerRow['stage'], counts: ApplyCounts): LedgerRow {
    const row: LedgerRow = {
      exchange: spec.exchange,
      delivery: batch.delivery,
      seq: batch.seq,
      rowsDigest: batch.rowsDigest,
      stage,
      snapshotId: stage === 'staged' ? (batch.snapshot?.id ?? null) : null,
      counts,
      committedAt: new Date(server.now()).toISOString(),
    };
    server.ledger.set(ledgerName(batch.delivery), [...ledgerOf(batch.delivery), row]);
    return row;
  }

  function applyDelta(batch: SinkBatch, rows: readonly DecodedRow[], rejected: number): LedgerRow {
    const next = copyOf(table);
    const counts = { ...noCounts, delivered: batch.rows, rejected };
    for (const row of rows) counts[applyRow(next, toTable(table, batch, row.fields), row.op)] += 1;
    Object.assign(table, next);
    return commit(batch, 'applied', counts);
  }

  function stagePart(batch: SinkBatch, rows: readonly DecodedRow[], rejected: number): LedgerRow {
    const name = ledgerName(batch.delivery);
    const { id, part, last } = batch.snapshot!;
    const before = server.staged.get(name);
    const staged = before?.id === id ? before : { id, parts: 0, rows: [], delivered: 0, rejected: 0 };
    if (part !== staged.parts + 1) throw partMissing(batch);
    const whole = {
      id,
      parts: part,
      rows: [...staged.rows, ...rows.map((row) => toTable(table, batch, row.fields))],
      delivered: staged.delivered + batch.rows,
      rejected: staged.rejected + rejected,
    };
    if (!last) {
      server.staged.set(name, whole);
      return commit(batch, 'staged', { ...noCounts, delivered: batch.rows, rejected });
    }
    const counts = { ...noCounts, delivered: whole.delivered, rejected: whole.rejected };
    for (const outcome of replaceRows(table, whole.rows)) counts[outcome] += 1;
    server.staged.delete(name);
    return commit(batch, 'applied', counts);
  }

  /** `sorted` may have been found before the batch's turn; all that counts happens now. */
  async function apply(
    batch: SinkBatch,
    { accepted, rejected }: SortedRows,
    onRejected: OnRejected,
    signal: AbortSignal,
  ): Promise<LedgerRow> {
    await quarantineRows(rejected, onRejected, signal);
    throwIfCancelled(signal, 'write');
    return batch.kind === 'snapshot'
      ? stagePart(batch, accepted, rejected.length)
      : applyDelta(batch, accepted, rejected.length);
  }

  function knownRow(batch: SinkBatch): LedgerRow | undefined {
    const known = ledgerOf(batch.delivery).find((row) => row.seq === batch.seq);
    if (!known || known.rowsDigest === batch.rowsDigest) return known;
    throw referenceErrors.LEDGER_CONFLICT({ exchange: spec.exchange, seq: batch.seq });
  }

  /** Loaded and not committed. */
  const loaded = new Set<LoadedPart>();
  const parts: PartLoader = {
    atOnce: 2,
    async load(batch, signal) {
      throwIfCancelled(signal, 'load');
      const sorted = sortOut(table, batch);
      const part: LoadedPart = {
        async commit(onRejected) {
          if (!loaded.delete(part)) throw partMissing(batch);
          return knownRow(batch) ?? apply(batch, sorted, onRejected, signal);
        },
        async [Symbol.asyncDispose]() {
          loaded.delete(part);
        },
      };
      loaded.add(part);
      return part;
    },
  };

  return {
    parts,
    async ledgerHead(delivery) {
      return ledgerOf(delivery).at(-1);
    },
    async ledgerAfter(delivery, seq, limit) {
      return ledgerOf(delivery)
        .filter((row) => row.seq > seq)
        .slice(0, limit);
    },
    async write(batch, onRejected, signal) {
      throwIfCancelled(signal, 'write');
      loaded.clear();
      return knownRow(batch) ?? apply(batch, sortOut(table, batch), onRejected, signal);
    },
    async discardStaged(delivery) {
      loaded.clear();
      const name = ledgerName(delivery);
      server.staged.delete(name);
      server.ledger.set(
        name,
        ledgerOf(delivery).filter((row) => row.stage !== 'staged'),
      );
    },
    async [Symbol.asyncDispose]() {
      loaded.clear();
    },
  };
}

async function quarantineRows(
  rows: readonly RowRejection[],
  onRejected: OnRejected,
  signal: AbortSignal,
): Promise<void> {
  if (rows.length > 0) await onRejected(rows, signal);
}

interface SortedRows {
  readonly accepted: readonly DecodedRow[];
  readonly rejected: readonly RowRejection[];
}

function sortOut(table: MemoryTable, batch: SinkBatch): SortedRows {
  const accepted: DecodedRow[] = [];
  const rejected: RowRejection[] = [];
  let number = 0;
  for (const row of decodeRows(batch.bytes)) {
    const item = refusedItem(table, toTable(table, batch, row.fields));
    if (item === undefined || row.op === 'D') accepted.push(row);
    else rejected.push({ row: number, op: row.op, item, reason: 'constraint', bytes: rowText(row) });
    number += 1;
  }
  return { accepted, rejected };
}

function refusedItem({ refuse, columns }: MemoryTable, values: RowTexts): string | undefined {
  if (!refuse) return undefined;
  const at = columns.findIndex((column) => column.column === refuse.column);
  return values[at] === refuse.value ? refuse.column : undefined;
}

function rowText({ op, fields }: DecodedRow): Uint8Array {
  const writer = createRowWriter(256);
  writer.begin(op);
  for (const field of fields) writer.text(field);
  writer.end();
  return writer.take();
}

/** Columns the resource does not name stay NULL. */
function toTable(table: MemoryTable, batch: SinkBatch, fields: RowTexts): RowTexts {
  const granted = { ...table, columns: batch.resource.items };
  return project(granted, { ...batch.resource, items: [...table.columns] })(fields);
}

function applyRow(
  table: MemoryTable,
  values: RowTexts,
  op: DecodedRow['op'],
): 'inserted' | 'updated' | 'unchanged' | 'deleted' {
  const held = table.rows.get(placeOf(table, values));
  if (op === 'D') {
    if (!held) return 'unchanged';
    removeRow(table, values);
    return 'deleted';
  }
  if (held && JSON.stringify(held.values) === JSON.stringify(values)) return 'unchanged';
  putRow(table, values);
  return held ? 'updated' : 'inserted';
}

function replaceRows(
  table: MemoryTable,
  rows: readonly RowTexts[],
): ('inserted' | 'updated' | 'unchanged')[] {
  const next: MemoryTable = { ...copyOf(table), rows: new Map() };
  const outcomes = rows.map((values) => {
    const held = table.rows.get(placeOf(next, values));
    putRow(next, values);
    if (!held) return 'inserted';
    return JSON.stringify(held.values) === JSON.stringify(values) ? 'unchanged' : 'updated';
  });
  Object.assign(table, next);
  return outcomes;
}

function copyOf(table: MemoryTable): MemoryTable {
  return { ...table, rows: new Map(table.rows), ...(table.changes ? { changes: [...table.changes] } : {}) };
}
