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
import { postgresErrors } from '../errors.js';
import { literal, qualified } from '../identifier.js';
import type { Work, Writing } from './writing.js';

/** Which instance writes an exchange: the highest fence. */
export const WRITERS = 'qianzhi_writers';

const where = ledgerIdentity.map((column, at) => `${column} = $${at + 1}`).join(' AND ');

/** DDL of our tables beside the target, in the target's schema. */
export function ledgerDdl(schema: string): string {
  const table = (name: string) => qualified(schema, name);
  return [
    `CREATE TABLE IF NOT EXISTS ${table(LEDGER)} (
      exchange text NOT NULL, agreement text NOT NULL, grant_version integer NOT NULL, resource text NOT NULL,
      agent text NOT NULL, epoch integer NOT NULL, seq bigint NOT NULL, rows_digest text NOT NULL, stage text NOT NULL,
      snapshot_id text, part integer, ${ledgerCounts.map((column) => `${column} bigint NOT NULL`).join(', ')},
      committed_at text NOT NULL, PRIMARY KEY (${ledgerIdentity.join(', ')}, seq))`,
    `COMMENT ON TABLE ${table(LEDGER)} IS ${literal('前置机台账:与数据同一事务写入,请勿修改')}`,
    `CREATE TABLE IF NOT EXISTS ${table(TARGETS)} ("table" text PRIMARY KEY, supplier text NOT NULL)`,
    `COMMENT ON TABLE ${table(TARGETS)} IS ${literal('每张目标表由谁写入')}`,
    `CREATE TABLE IF NOT EXISTS ${table(WRITERS)} (exchange text PRIMARY KEY, fence bigint NOT NULL)`,
    `COMMENT ON TABLE ${table(WRITERS)} IS ${literal('每个交换当前由哪个实例写入')}`,
  ].join('; ');
}

/** Whether our ledger is there. Throws LEDGER_FOREIGN where something else has its name. */
export async function hasLedger(work: Work, schema: string): Promise<boolean> {
  const { rows } = await work.run(
    `SELECT a.attname AS name FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
    [schema, LEDGER],
  );
  if (rows.length === 0) return false;
  const names = new Set(rows.map((row) => row['name']));
  if (ledgerColumns.every((name) => names.has(name))) return true;
  throw postgresErrors.LEDGER_FOREIGN({ place: schema, table: LEDGER });
}

/** The ledger of one exchange. */
export function ledgerOf({ exchange, schema }: Pick<Writing, 'exchange' | 'schema'>) {
  const ledger = qualified(schema, LEDGER);
  const lastApplied = `(SELECT coalesce(max(seq), 0) FROM ${ledger} WHERE ${where} AND stage = 'applied')`;
  const of = (delivery: DeliveryStream) => identityValues(exchange, delivery);
  const rowsOf = (delivery: DeliveryStream, rows: readonly TextRow[]): LedgerRow[] =>
    rows.map((row) => ledgerRowOf(exchange, delivery, row));

  return {
    /** SQL that looks up one row, as JSON. */
    lookSql(delivery: DeliveryStream, seq: number): string {
      const names = [...ledgerIdentity, 'seq'].join(', ');
      const values = [...of(delivery), seq].map(valueSql).join(', ');
      return `SELECT pg_catalog.row_to_json(l) FROM ${ledger} l WHERE (${names}) = (${values})`;
    },
    /** What `lookSql` found. */
    rowOf(delivery: DeliveryStream, found: string | null | undefined): LedgerRow | undefined {
      return found ? ledgerRowOf(exchange, delivery, JSON.parse(found)) : undefined;
    },
    async head(work: Work, delivery: DeliveryStream): Promise<LedgerRow | undefined> {
      const sql = `SELECT * FROM ${ledger} WHERE ${where} ORDER BY seq DESC LIMIT 1`;
      return rowsOf(delivery, (await work.run(sql, of(delivery))).rows)[0];
    },
    async after(work: Work, delivery: DeliveryStream, seq: number, limit: number): Promise<LedgerRow[]> {
      const sql = `SELECT * FROM ${ledger} WHERE ${where} AND seq > $7 ORDER BY seq LIMIT $8`;
      return rowsOf(delivery, (await work.run(sql, [...of(delivery), seq, limit])).rows);
    },
    addSql(row: LedgerRow, part: number | undefined): string {
      const values = ledgerValues(row, part).map(valueSql);
      return `INSERT INTO ${ledger} (${ledgerColumns.join(', ')}) VALUES (${values.join(', ')})`;
    },
    /** What the ledger holds of a snapshot that is not applied yet. */
    async staged(work: Work, delivery: DeliveryStream, snapshotId: string): Promise<StagedTotals> {
      const { rows } = await work.run(
        `SELECT coalesce(max(part), 0) AS parts, coalesce(sum(delivered), 0) AS delivered, coalesce(sum(rejected), 0) AS rejected
         FROM ${ledger} WHERE ${where} AND stage = 'staged' AND snapshot_id = $7 AND seq > ${lastApplied}`,
        [...of(delivery), snapshotId],
      );
      const found = rows[0]!;
      return {
        parts: Number(found['parts']),
        delivered: Number(found['delivered']),
        rejected: Number(found['rejected']),
      };
    },
    /** Removes rows of parts behind the last applied batch. */
    async discardStaged(work: Work, delivery: DeliveryStream): Promise<void> {
      await work.run(
        `DELETE FROM ${ledger} WHERE ${where} AND stage = 'staged' AND seq > ${lastApplied}`,
        of(delivery),
      );
    },
  };
}

function valueSql(value: string | number | null): string {
  return typeof value === 'string' ? literal(value) : String(value ?? 'NULL');
}
