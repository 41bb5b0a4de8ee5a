import { type DeliveryStream, deliveryName, noCounts, throwIfCancelled } from '@qianzhi/model';
import type { LedgerRow, Sink, SinkBatch } from '@qianzhi/plugin-api';
import { type DecodedRow, decodeRows } from '@qianzhi/rows';
import { connectorErrors } from './errors.js';
import { type Row, readTable, type Staged, type Table, writeTable } from './table-file.js';

type Counts = LedgerRow['counts'];

/** What a batch makes of the table, before its ledger row is added. */
interface Outcome {
  readonly rows: readonly Row[];
  readonly staged: readonly Staged[];
  readonly stage: LedgerRow['stage'];
  readonly counts: Counts;
}

/** A file takes every canonical text, so no row is ever refused here and `onRejected` is not called. */
export function openSink(folder: string, tableName: string, exchange: string): Sink {
  const streamOf = (delivery: DeliveryStream) => `${exchange}/${deliveryName(delivery)}`;
  const isOf = (delivery: DeliveryStream) => (row: LedgerRow) =>
    `${row.exchange}/${deliveryName(row.delivery)}` === streamOf(delivery);
  const ledgerOf = async (delivery: DeliveryStream) =>
    (await readTable(folder, tableName)).ledger.filter(isOf(delivery));

  return {
    async ledgerHead(delivery) {
      return (await ledgerOf(delivery)).at(-1);
    },
    async ledgerAfter(delivery, seq, limit) {
      return (await ledgerOf(delivery)).filter((row) => row.seq > seq).slice(0, limit);
    },
    async write(batch, _onRejected, signal) {
      throwIfCancelled(signal, 'write');
      const table = await readTable(folder, tableName);
      const known = table.ledger.filter(isOf(batch.delivery)).find((row) => row.seq === batch.seq);
      if (known?.rowsDigest === batch.rowsDigest) return known;
      if (known) throw connectorErrors.LEDGER_CONFLICT({ exchange, seq: batch.seq, table: tableName });

      const stream = streamOf(batch.delivery);
      const outcome = batch.kind === 'snapshot' ? takePart(table, batch, stream) : merge(table, batch);
      const ledgerRow: LedgerRow = {
        exchange,
        delivery: batch.delivery,
        seq: batch.seq,
        rowsDigest: batch.rowsDigest,
        stage: outcome.stage,
        snapshotId: outcome.stage === 'staged' ? (batch.snapshot?.id ?? null) : null,
        counts: outcome.counts,
        committedAt: new Date().toISOString(),
      };
      throwIfCancelled(signal, 'write');
      await writeTable(folder, { ...table, ...outcome, ledger: [...table.ledger, ledgerRow] });
      return ledgerRow;
    },
    async discardStaged(delivery) {
      const table = await readTable(folder, tableName);
      const ledger = table.ledger.filter((row) => !isOf(delivery)(row) || row.stage !== 'staged');
      const staged = table.staged.filter((part) => part.stream !== streamOf(delivery));
      await writeTable(folder, { ...table, ledger, staged });
    },
    async [Symbol.asyncDispose]() {},
  };
}

function merge(table: Table, batch: SinkBatch): Outcome {
  const rows = new Map(table.rows.map((row) => [keyOf(table, row), row]));
  const counts = { ...noCounts, delivered: batch.rows };
  for (const { op, fields } of decodeRows(batch.bytes)) {
    const row = toTable(table, batch, fields);
    const key = keyOf(table, row);
    if (op === 'D') counts[rows.delete(key) ? 'deleted' : 'unchanged'] += 1;
    else {
      counts[compare(rows.get(key), row)] += 1;
      rows.set(key, row);
    }
  }
  return { rows: [...rows.values()], staged: table.staged, stage: 'applied', counts };
}

/** Parts wait in the file, out of the table; the last one makes them the table. A new snapshot voids older parts. */
function takePart(table: Table, batch: SinkBatch, stream: string): Outcome {
  const { id, last } = batch.snapshot!;
  const others = table.staged.filter((part) => part.stream !== stream);
  const before = table.staged.find((part) => part.stream === stream && part.id === id);
  const part = [...decodeRows(batch.bytes)].map(({ fields }: DecodedRow) => toTable(table, batch, fields));
  const whole: Staged = {
    stream,
    id,
    delivered: (before?.delivered ?? 0) + batch.rows,
    rows: [...(before?.rows ?? []), ...part],
  };
  if (!last) {
    const counts = { ...noCounts, delivered: batch.rows };
    return { rows: table.rows, staged: [...others, whole], stage: 'staged', counts };
  }
  const held = new Map(table.rows.map((row) => [keyOf(table, row), row]));
  const counts = { ...noCounts, delivered: whole.delivered };
  for (const row of whole.rows) counts[compare(held.get(keyOf(table, row)), row)] += 1;
  return { rows: whole.rows, staged: others, stage: 'applied', counts };
}

/** The batch's fields in the order of the table; columns it does not name are NULL. */
function toTable(table: Table, batch: SinkBatch, fields: Row): Row {
  return table.columns.map(
    (column) => fields[batch.resource.items.findIndex((item) => item.column === column.name)] ?? null,
  );
}

function keyOf(table: Table, row: Row): string {
  return JSON.stringify(row.filter((_value, at) => table.columns[at]?.key));
}

function compare(held: Row | undefined, row: Row): 'inserted' | 'updated' | 'unchanged' {
  if (!held) return 'inserted';
  return JSON.stringify(held) === JSON.stringify(row) ? 'unchanged' : 'updated';
}
