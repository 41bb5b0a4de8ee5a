import { type DeliveryStream, deliveryName } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import type { StagedTotals } from '@qianzhi/sql-kit';
import type { Store } from './open-store.js';

/** The ledger of an inbox. Statements run in whatever transaction is open. */
export interface Ledger {
  find(delivery: DeliveryStream, seq: number): LedgerRow | undefined;
  head(delivery: DeliveryStream): LedgerRow | undefined;
  after(delivery: DeliveryStream, seq: number, limit: number): LedgerRow[];
  add(row: LedgerRow, part: number | undefined): void;
  /** What is there of a snapshot that is not applied yet. */
  staged(delivery: DeliveryStream, snapshotId: string): StagedTotals;
  /** Removes rows of parts behind the last applied batch. */
  discardStaged(delivery: DeliveryStream): void;
}

export function openLedger({ db }: Store): Ledger {
  const rowOf = (stored: unknown) =>
    stored === undefined ? undefined : (JSON.parse((stored as { document: string }).document) as LedgerRow);
  const behindApplied =
    "seq > (SELECT coalesce(max(seq), 0) FROM ledger WHERE delivery = @delivery AND stage = 'applied')";
  const find = db.prepare('SELECT document FROM ledger WHERE delivery = ? AND seq = ?');
  const head = db.prepare('SELECT document FROM ledger WHERE delivery = ? ORDER BY seq DESC LIMIT 1');
  const after = db.prepare('SELECT document FROM ledger WHERE delivery = ? AND seq > ? ORDER BY seq LIMIT ?');
  const add = db.prepare(
    'INSERT INTO ledger (delivery, seq, stage, snapshot, part, document) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const staged = db.prepare(
    `SELECT coalesce(max(part), 0) AS parts,
     coalesce(sum(json_extract(document, '$.counts.delivered')), 0) AS delivered,
     coalesce(sum(json_extract(document, '$.counts.rejected')), 0) AS rejected
     FROM ledger WHERE delivery = @delivery AND stage = 'staged' AND snapshot = @snapshot AND ${behindApplied}`,
  );
  const discard = db.prepare(
    `DELETE FROM ledger WHERE delivery = @delivery AND stage = 'staged' AND ${behindApplied}`,
  );
  return {
    find: (delivery, seq) => rowOf(find.get(deliveryName(delivery), seq)),
    head: (delivery) => rowOf(head.get(deliveryName(delivery))),
    after: (delivery, seq, limit) =>
      after.all(deliveryName(delivery), seq, limit).map((stored) => rowOf(stored)!),
    add: (row, part = undefined) =>
      void add.run(
        deliveryName(row.delivery),
        row.seq,
        row.stage,
        row.snapshotId,
        part ?? null,
        JSON.stringify(row),
      ),
    staged: (delivery, snapshot) =>
      staged.get({ delivery: deliveryName(delivery), snapshot }) as StagedTotals,
    discardStaged: (delivery) => void discard.run({ delivery: deliveryName(delivery) }),
  };
}
