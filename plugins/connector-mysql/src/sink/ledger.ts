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
import type { TextRow } from '../connection/session.js';
import { mysqlErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import type { Work, Writing } from './writing.js';

/** Which instance writes an exchange: the highest fence. */
export const WRITERS = 'qianzhi_writers';
/** Snapshots whose shadow is about to replace the target: DDL commits by itself, so this says what to finish. */
export const SWAPS = 'qianzhi_swaps';

/** DDL of our tables beside the target; each can be repeated. Names compare byte by byte. */
export function ledgerDdl(database: string): string[] {
  const table = (name: string, columns: string, comment: string) =>
    `CREATE TABLE IF NOT EXISTS ${qualified(database, name)} (${columns})
     ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT=${literal(comment)}`;
  const counts = ledgerCounts.map((column) => `${column} BIGINT NOT NULL`).join(', ');
  return [
    table(
      LEDGER,
      `exchange VARCHAR(170) NOT NULL, agreement VARCHAR(170) NOT NULL, grant_version INT NOT NULL, resource VARCHAR(170) NOT NULL,
       agent VARCHAR(170) NOT NULL, epoch INT NOT NULL, seq BIGINT NOT NULL, rows_digest VARCHAR(200) NOT NULL, stage VARCHAR(20) NOT NULL,
       snapshot_id VARCHAR(200) NULL, part INT NULL, ${counts}, committed_at VARCHAR(40) NOT NULL,
       PRIMARY KEY (${ledgerIdentity.join(', ')}, seq)`,
      '前置机台账:与数据同一事务写入,请勿修改',
    ),
    table(TARGETS, '`table` VARCHAR(64) PRIMARY KEY, supplier VARCHAR(600) NOT NULL', '每张目标表由谁写入'),
    table(WRITERS, 'exchange VARCHAR(170) PRIMARY KEY, fence BIGINT NOT NULL', '每个交换当前由哪个实例写入'),
    table(
      SWAPS,
      '`table` VARCHAR(64) PRIMARY KEY, shadow VARCHAR(64) NOT NULL, old VARCHAR(64) NOT NULL, ledger LONGTEXT NOT NULL',
      '即将换表的快照:中断后据此完成',
    ),
  ];
}

/** Whether our ledger is there. Throws LEDGER_FOREIGN where something else has its name. */
export async function hasLedger(work: Work, database: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT table_name AS of_table, column_name AS name FROM information_schema.columns
     WHERE table_schema = ${literal(database)} AND table_name IN (${literal(LEDGER)}, ${literal(SWAPS)})`,
  );
  const names = new Set(rows.filter((row) => row['of_table'] === LEDGER).map((row) => row['name']));
  if (names.size === 0) return false;
  // the last of our tables to be made
  if (ledgerColumns.every((name) => names.has(name))) return rows.length > names.size;
  throw mysqlErrors.LEDGER_FOREIGN({ place: database, table: LEDGER });
}

/** The ledger of one exchange. */
export function ledgerOf({ exchange, database }: Pick<Writing, 'exchange' | 'database'>) {
  const ledger = qualified(database, LEDGER);
  const where = (delivery: DeliveryStream) => {
    const values = identityValues(exchange, delivery);
    return ledgerIdentity.map((column, at) => `${column} = ${valueSql(values[at]!)}`).join(' AND ');
  };
  const lastApplied = (delivery: DeliveryStream) =>
    `(SELECT last FROM (SELECT COALESCE(MAX(seq), 0) AS last FROM ${ledger} WHERE ${where(delivery)} AND stage = 'applied') applied)`;
  const rowsOf = (delivery: DeliveryStream, rows: readonly TextRow[]): LedgerRow[] =>
    rows.map((row) => ledgerRowOf(exchange, delivery, row));
  const list = `SELECT ${ledgerColumns.join(', ')} FROM ${ledger}`;

  return {
    async row(work: Work, delivery: DeliveryStream, seq: number): Promise<LedgerRow | undefined> {
      const { rows } = await work.run(`${list} WHERE ${where(delivery)} AND seq = ${seq}`);
      return rowsOf(delivery, rows)[0];
    },
    async head(work: Work, delivery: DeliveryStream): Promise<LedgerRow | undefined> {
      const { rows } = await work.run(`${list} WHERE ${where(delivery)} ORDER BY seq DESC LIMIT 1`);
      return rowsOf(delivery, rows)[0];
    },
    async after(work: Work, delivery: DeliveryStream, seq: number, limit: number): Promise<LedgerRow[]> {
      const { rows } = await work.run(
        `${list} WHERE ${where(delivery)} AND seq > ${seq} ORDER BY seq LIMIT ${limit}`,
      );
      return rowsOf(delivery, rows);
    },
    addSql(row: LedgerRow, part: number | undefined): string {
      return addSql(database, ledgerValues(row, part));
    },
    /** What the ledger holds of a snapshot that is not applied yet. */
    async staged(work: Work, delivery: DeliveryStream, snapshotId: string): Promise<StagedTotals> {
      const { rows } = await work.run(
        `SELECT COALESCE(MAX(part), 0) AS parts, COALESCE(SUM(delivered), 0) AS delivered, COALESCE(SUM(rejected), 0) AS rejected
         FROM ${ledger} WHERE ${where(delivery)} AND stage = 'staged' AND snapshot_id = ${literal(snapshotId)} AND seq > ${lastApplied(delivery)}`,
      );
      const found = rows[0] ?? {};
      return {
        parts: Number(found['parts']),
        delivered: Number(found['delivered']),
        rejected: Number(found['rejected']),
      };
    },
    /** Removes rows of parts behind the last applied batch. */
    async discardStaged(work: Work, delivery: DeliveryStream): Promise<void> {
      await work.run(
        `DELETE FROM ${ledger} WHERE ${where(delivery)} AND stage = 'staged' AND seq > ${lastApplied(delivery)}`,
      );
    },
  };
}

/** `values` are those of `ledgerColumns`, in their order. */
export function addSql(database: string, values: readonly (string | number | null)[]): string {
  return `INSERT INTO ${qualified(database, LEDGER)} (${ledgerColumns.join(', ')}) VALUES (${values.map(valueSql).join(', ')})`;
}

function valueSql(value: string | number | null): string {
  return typeof value === 'string' ? literal(value) : String(value ?? 'NULL');
}
