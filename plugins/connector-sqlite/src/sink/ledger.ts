import type { DeliveryStream } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import {
  identityValues,
  LEDGER,
  ledgerColumns,
  ledgerCounts,
  ledgerIdentity,
  ledgerRowOf,
  ledgerValues,
  type StagedTotals,
  TARGETS,
} from '@qianzhi/sql-kit';
import { sqliteErrors } from '../errors.js';
import type { SqliteDatabase } from '../file/open-file.js';
import { describeTable } from '../file/table.js';

const where = ledgerIdentity.map((column) => `${column} = ?`).join(' AND ');

type StoredRow = Readonly<Record<string, unknown>>;

/** The ledger of one exchange in one file. Statements run in whatever transaction is open. */
export interface Ledger {
  find(delivery: DeliveryStream, seq: number): LedgerRow | undefined;
  head(delivery: DeliveryStream): LedgerRow | undefined;
  after(delivery: DeliveryStream, seq: number, limit: number): LedgerRow[];
  add(row: LedgerRow, part: number | undefined): void;
  /** What the ledger holds of a snapshot that is not applied yet. */
  staged(delivery: DeliveryStream, snapshotId: string): StagedTotals;
  /** Removes rows of parts behind the last applied batch. */
  discardStaged(delivery: DeliveryStream): void;
}

/** Makes our tables where they are missing. Throws LEDGER_FOREIGN where something else has the name. */
export function createLedger(db: SqliteDatabase): void {
  db.exec(`CREATE TABLE IF NOT EXISTS ${LEDGER} ( /* 前置机台账:与数据同一事务写入,请勿修改 */
  exchange TEXT NOT NULL, agreement TEXT NOT NULL, grant_version INTEGER NOT NULL, resource TEXT NOT NULL,
  agent TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, rows_digest TEXT NOT NULL, stage TEXT NOT NULL,
  snapshot_id TEXT, part INTEGER, ${ledgerCounts.map((column) => `${column} INTEGER NOT NULL`).join(', ')},
  committed_at TEXT NOT NULL, PRIMARY KEY (${ledgerIdentity.join(', ')}, seq)) WITHOUT ROWID`);
  db.exec(`CREATE TABLE IF NOT EXISTS ${TARGETS} ( /* 每张目标表由谁写入 */
  "table" TEXT PRIMARY KEY NOT NULL, supplier TEXT NOT NULL) WITHOUT ROWID`);
}

/** Undefined before anything was written to this file. */
export function hasLedger(db: SqliteDatabase, path = db.name): boolean {
  const table = describeTable(db, LEDGER);
  if (!table) return false;
  const names = new Set(table.columns.map((column) => column.name));
  if ([...ledgerIdentity, 'seq', 'rows_digest', 'stage', 'part'].every((name) => names.has(name)))
    return true;
  throw sqliteErrors.LEDGER_FOREIGN({ place: path, table: LEDGER });
}

export function openLedger(db: SqliteDatabase, exchange: string): Ledger {
  const of = (delivery: DeliveryStream) => identityValues(exchange, delivery);
  const row = (delivery: DeliveryStream, stored: unknown): LedgerRow | undefined =>
    stored === undefined ? undefined : ledgerRowOf(exchange, delivery, stored as StoredRow);
  const lastApplied = `(SELECT coalesce(max(seq), 0) FROM ${LEDGER} WHERE ${where} AND stage = 'applied')`;
  return {
    find: (delivery, seq) =>
      row(
        delivery,
        db.prepare(`SELECT * FROM ${LEDGER} WHERE ${where} AND seq = ?`).get(...of(delivery), seq),
      ),
    head: (delivery) =>
      row(
        delivery,
        db.prepare(`SELECT * FROM ${LEDGER} WHERE ${where} ORDER BY seq DESC LIMIT 1`).get(...of(delivery)),
      ),
    after: (delivery, seq, limit) =>
      (
        db
          .prepare(`SELECT * FROM ${LEDGER} WHERE ${where} AND seq > ? ORDER BY seq LIMIT ?`)
          .all(...of(delivery), seq, limit) as StoredRow[]
      ).map((stored) => ledgerRowOf(exchange, delivery, stored)),
    add(row, part) {
      const places = ledgerColumns.map(() => '?').join(', ');
      db.prepare(`INSERT INTO ${LEDGER} (${ledgerColumns.join(', ')}) VALUES (${places})`).run(
        ...ledgerValues(row, part),
      );
    },
    staged: (delivery, snapshotId) =>
      db
        .prepare(
          `SELECT coalesce(max(part), 0) AS parts, coalesce(sum(delivered), 0) AS delivered, coalesce(sum(rejected), 0) AS rejected
           FROM ${LEDGER} WHERE ${where} AND stage = 'staged' AND snapshot_id = ? AND seq > ${lastApplied}`,
        )
        .get(...of(delivery), snapshotId, ...of(delivery)) as StagedTotals,
    discardStaged(delivery) {
      db.prepare(`DELETE FROM ${LEDGER} WHERE ${where} AND stage = 'staged' AND seq > ${lastApplied}`).run(
        ...of(delivery),
        ...of(delivery),
      );
    },
  };
}
