import type { DeliveryStream } from '@qianzhi/model';
import type { LedgerRow } from '@qianzhi/plugin-api';
import { createPlaces, qualified, type SqlDialect } from '../database/dialect.js';
import type { SqlRow, SqlSession } from '../database/session.js';
import { columnNamed } from '../database/table.js';
import { targetErrors } from '../errors/target-errors.js';
import {
  identityValues,
  LEDGER,
  ledgerColumns,
  type ledgerCounts,
  ledgerIdentity,
  ledgerRowOf,
  ledgerValues,
  TARGETS,
} from '../ledger.js';
import type { StagedTotals } from '../snapshot-parts.js';

const texts = new Set<string>([
  'exchange',
  'agreement',
  'resource',
  'agent',
  'rows_digest',
  'stage',
  'snapshot_id',
  'committed_at',
]);
const optional = new Set<string>(['snapshot_id', 'part']);

/** The ledger of one exchange in one schema. Statements run in whatever transaction is open. */
export interface SqlLedger {
  /** Name of the table of targets, qualified and quoted. */
  readonly targets: string;
  /** Makes our tables where they are missing, in statements of their own. Throws LEDGER_FOREIGN. */
  prepare(session: SqlSession, signal: AbortSignal): Promise<void>;
  /** False before anything was written to this schema. */
  exists(session: SqlSession, signal: AbortSignal): Promise<boolean>;
  find(
    session: SqlSession,
    delivery: DeliveryStream,
    seq: number,
    signal: AbortSignal,
  ): Promise<LedgerRow | undefined>;
  head(session: SqlSession, delivery: DeliveryStream, signal: AbortSignal): Promise<LedgerRow | undefined>;
  after(
    session: SqlSession,
    delivery: DeliveryStream,
    seq: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly LedgerRow[]>;
  add(session: SqlSession, row: LedgerRow, part: number | undefined, signal: AbortSignal): Promise<void>;
  /** What the ledger holds of a snapshot that is not applied yet. */
  staged(
    session: SqlSession,
    delivery: DeliveryStream,
    snapshotId: string,
    signal: AbortSignal,
  ): Promise<StagedTotals>;
  /** Removes rows of parts behind the last applied batch. */
  discardStaged(session: SqlSession, delivery: DeliveryStream, signal: AbortSignal): Promise<void>;
}

export function ledgerIn(dialect: SqlDialect, schema: string | undefined, exchange: string): SqlLedger {
  const nameOf = (name: string) => dialect.newName(name);
  const column = (name: string) => dialect.quoted(nameOf(name));
  const table = qualified(dialect, schema, nameOf(LEDGER));
  const targets = qualified(dialect, schema, nameOf(TARGETS));
  const list = ledgerColumns.map(column);
  let known = false;

  /** A statement about one delivery stream; `more` conditions are given places as needed. */
  function about(delivery: DeliveryStream) {
    const places = createPlaces(dialect);
    const values = identityValues(exchange, delivery);
    const same = () =>
      ledgerIdentity.map((name, at) => `${column(name)} = ${places.add(values[at]!)}`).join(' AND ');
    const where = same();
    const lastApplied = () =>
      `(SELECT coalesce(max(${column('seq')}), 0) FROM ${table} WHERE ${same()} AND ${column('stage')} = 'applied')`;
    return { places, where, lastApplied };
  }
  const rowOf = (delivery: DeliveryStream, cells: SqlRow | undefined): LedgerRow | undefined =>
    cells &&
    ledgerRowOf(exchange, delivery, Object.fromEntries(ledgerColumns.map((name, at) => [name, cells[at]])));

  async function exists(session: SqlSession, signal: AbortSignal): Promise<boolean> {
    if (known) return true;
    const found = await dialect.describe(session, schema, nameOf(LEDGER), signal);
    if (!found) return false;
    if (
      !['exchange', 'seq', 'rows_digest', 'stage', 'part'].every((name) => columnNamed(found, nameOf(name)))
    )
      throw targetErrors.LEDGER_FOREIGN({ place: session.server, table: LEDGER });
    known = true;
    return true;
  }

  return {
    targets,
    exists,
    async prepare(session, signal) {
      if (await exists(session, signal)) return;
      const { text, long, integer } = dialect.ownTypes;
      // a digest may name any suite
      const typeOf = (name: string) => (name === 'rows_digest' ? long : texts.has(name) ? text : integer);
      const lines = ledgerColumns.map(
        (name) => `${column(name)} ${typeOf(name)}${optional.has(name) ? '' : ' NOT NULL'}`,
      );
      const key = [...ledgerIdentity, 'seq'].map(column).join(', ');
      if (!(await dialect.describe(session, schema, nameOf(TARGETS), signal))) {
        const sql = `CREATE TABLE ${targets} (${column('target')} ${long} NOT NULL PRIMARY KEY, ${column('supplier')} ${long} NOT NULL)`;
        await session.query(sql, [], signal);
      }
      await session.query(`CREATE TABLE ${table} (${lines.join(', ')}, PRIMARY KEY (${key}))`, [], signal);
    },
    async find(session, delivery, seq, signal) {
      const { places, where } = about(delivery);
      const sql = `SELECT ${list.join(', ')} FROM ${table} WHERE ${where} AND ${column('seq')} = ${places.add(seq)}`;
      return rowOf(delivery, (await session.query(sql, places.values, signal)).rows[0]);
    },
    async head(session, delivery, signal) {
      const { places, where } = about(delivery);
      const sql = dialect.limited(list, `FROM ${table} WHERE ${where} ORDER BY ${column('seq')} DESC`, 1);
      return rowOf(delivery, (await session.query(sql, places.values, signal)).rows[0]);
    },
    async after(session, delivery, seq, limit, signal) {
      const { places, where } = about(delivery);
      const rest = `FROM ${table} WHERE ${where} AND ${column('seq')} > ${places.add(seq)} ORDER BY ${column('seq')}`;
      const { rows } = await session.query(dialect.limited(list, rest, limit), places.values, signal);
      return rows.map((cells) => rowOf(delivery, cells)!);
    },
    async add(session, row, part, signal) {
      const places = createPlaces(dialect);
      const values = ledgerValues(row, part).map((value) => (value === null ? 'NULL' : places.add(value)));
      await session.query(
        `INSERT INTO ${table} (${list.join(', ')}) VALUES (${values.join(', ')})`,
        places.values,
        signal,
      );
    },
    async staged(session, delivery, snapshotId, signal) {
      const { places, where, lastApplied } = about(delivery);
      const conditions = `${where} AND ${column('stage')} = 'staged' AND ${column('snapshot_id')} = ${places.add(snapshotId)} AND ${column('seq')} > ${lastApplied()}`;
      const sums = [
        `max(${column('part')})`,
        ...(['delivered', 'rejected'] satisfies (typeof ledgerCounts)[number][]).map(
          (name) => `sum(${column(name)})`,
        ),
      ];
      const sql = `SELECT ${sums.map((sum) => `coalesce(${sum}, 0)`).join(', ')} FROM ${table} WHERE ${conditions}`;
      const [parts, delivered, rejected] = (await session.query(sql, places.values, signal)).rows[0]!;
      return { parts: Number(parts), delivered: Number(delivered), rejected: Number(rejected) };
    },
    async discardStaged(session, delivery, signal) {
      const { places, where, lastApplied } = about(delivery);
      const sql = `DELETE FROM ${table} WHERE ${where} AND ${column('stage')} = 'staged' AND ${column('seq')} > ${lastApplied()}`;
      await session.query(sql, places.values, signal);
    },
  };
}
