import type { LedgerRow, SinkBatch } from '@qianzhi/plugin-api';
import { mayHoldNanoseconds } from '@qianzhi/rows';
import { LEDGER, ledgerColumns, ledgerValues, rewriteRows, supplierOf } from '@qianzhi/sql-kit';
import type { Features } from '../connection/features.js';
import type { Session } from '../connection/session.js';
import { literal, ownName, qualified } from '../identifier.js';
import { BY_INDEX, holdsDeletes, stagingOf } from './delta.js';
import type { Fitting } from './fitting.js';
import { tryAll } from './refusal.js';
import { claimSql } from './suppliers.js';
import type { Target } from './target.js';
import type { Line } from './transaction.js';
import { deleteSql, mergeSql } from './upsert-sql.js';
import type { Work, Writing } from './writing.js';

/** Deltas of a few rows, for which planning and round trips cost more than the rows do. */
export interface SmallDeltas {
  /**
   * Writes rows and ledger row by one prepared statement, in one transaction and one round trip. The statement writes nothing unless
   * this instance is the newest, the supplier's claim stands and the table has the shape it was fitted to. Undefined where
   * one of this does not hold, a row is refused, or the batch is none for it: nothing was written, and the usual way tells.
   */
  write(batch: SinkBatch, signal: AbortSignal): Promise<LedgerRow | undefined>;
}

const MOST_BYTES = 16 * 1024;
/** The statement's name for the batch. */
const ROWS = 'qianzhi_rows';

interface Statement {
  readonly name: string;
  /** SQL that makes it known to a session. */
  readonly prepare: string;
}

export function createSmallDeltas(writing: Writing, line: Line, fitting: Fitting): SmallDeltas {
  const prepared = new WeakMap<Session, Set<string>>();

  /** By target, with and without deletes. */
  const made = new WeakMap<Target, Map<boolean, Statement>>();

  function statementOf(target: Target, deletes: boolean, features: Features): Statement {
    const known = made.get(target) ?? new Map<boolean, Statement>();
    made.set(target, known);
    let found = known.get(deletes);
    if (!found) {
      const staging = stagingOf(target, features);
      const sql = statementSql(writing, line.fenceSql, fitting.shapeSql, target, staging.name, deletes);
      const name = ownName('delta', sql);
      // of the staging table it takes the row type alone: lengths, scales and collations of the target's columns
      found = { name, prepare: `${staging.ddl}; PREPARE ${name} (json, bigint, text, text, json) AS ${sql}` };
      known.set(deletes, found);
    }
    return found;
  }

  async function prepare({ session, signal }: Work, target: Target, deletes: boolean) {
    const statement = statementOf(target, deletes, session.features);
    const known = prepared.get(session) ?? new Set();
    prepared.set(session, known);
    if (known.has(statement.name)) return statement.name;
    if (!(await tryAll(session, statement.prepare, signal))) return undefined;
    known.add(statement.name);
    return statement.name;
  }

  return {
    async write(batch, signal) {
      const fitted =
        batch.kind === 'delta' && batch.bytes.length <= MOST_BYTES && fitting.last(batch.resource);
      if (!fitted || !isPlain(writing, fitted.target)) return undefined;
      const rows = jsonOf(fitted.target, batch.bytes);
      if (rows === undefined) return undefined;
      const row = newLedgerRow(writing, batch);
      const found = await line.oneTrip(
        [fitting.lockSql, 'SET CONSTRAINTS ALL IMMEDIATE', BY_INDEX],
        async (work, fence) => {
          if (!work.session.features.onConflict) return undefined;
          const name = await prepare(work, fitted.target, holdsDeletes(batch.bytes));
          if (name === undefined) return undefined;
          const values = [rows, fence, supplierOf(batch.delivery), fitted.shape, jsonOfLedger(row)];
          return `EXECUTE ${name} (${values.map(literal).join(', ')})`;
        },
        signal,
      );
      if (found?.['noted'] !== '1') return undefined;
      const [inserted, updated, deleted] = [found['inserted'], found['updated'], found['deleted']].map(
        Number,
      );
      const counts = { inserted: inserted!, updated: updated!, deleted: deleted! };
      const unchanged = batch.rows - counts.inserted - counts.updated - counts.deleted;
      return { ...row, counts: { ...row.counts, ...counts, unchanged } };
    },
  };
}

/** JSON is read into json columns in another way, and a shared table has its suppliers' keys to be kept. */
function isPlain({ spec }: Writing, { keys, columns }: Target): boolean {
  return keys.length > 0 && !spec.shared && !columns.some(({ column }) => /^jsonb?$/.test(column.baseType));
}

function newLedgerRow(
  { exchange, context }: Writing,
  { delivery, seq, rowsDigest, rows }: SinkBatch,
): LedgerRow {
  const counts = { delivered: rows, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 };
  const committedAt = context.now().toISOString();
  return { exchange, delivery, seq, rowsDigest, stage: 'applied', snapshotId: null, counts, committedAt };
}

/** $1 rows, $2 fence, $3 supplier, $4 shape, $5 the ledger's row but for what was counted. A batch that was applied before meets the ledger's key. */
function statementSql(
  writing: Writing,
  fenceSql: string,
  shapeSql: string,
  target: Target,
  staging: string,
  deletes: boolean,
): string {
  const merge = mergeSql(target, { relation: ROWS, where: `s.qianzhi_op <> 'D'` });
  const removed = deletes ? `removed AS (${deleteSql(target, ROWS)} RETURNING 1),` : '';
  const counted: Readonly<Record<string, string>> = {
    inserted: 'c.inserted',
    updated: 'c.updated',
    unchanged: 'l.delivered - c.inserted - c.updated - c.deleted',
    deleted: 'c.deleted',
  };
  const values = ledgerColumns.map((column) => counted[column] ?? `l.${column}`);
  const ledger = qualified(writing.schema, LEDGER);
  return `WITH go AS (SELECT 1 WHERE (${fenceSql}) = $2 AND (${claimSql(writing)}) = $3 AND (${shapeSql}) = $4),
    ${ROWS} AS (SELECT r.* FROM go, pg_catalog.json_populate_recordset(NULL::${staging}, $1) r),
    ${removed} ${merge.steps}, merged AS (${merge.answer}),
    counts AS (SELECT inserted, written - inserted AS updated, ${deletes ? '(SELECT count(*) FROM removed)' : '0'} AS deleted FROM merged),
    noted AS (INSERT INTO ${ledger} (${ledgerColumns.join(', ')})
      SELECT ${values.join(', ')} FROM go, counts c, pg_catalog.json_populate_record(NULL::${ledger}, $5) l RETURNING 1)
    SELECT c.inserted, c.updated, c.deleted, (SELECT count(*) FROM noted) AS noted FROM counts c`;
}

function jsonOfLedger(row: LedgerRow): string {
  const values = ledgerValues(row, undefined);
  return JSON.stringify(Object.fromEntries(ledgerColumns.map((column, at) => [column, values[at]])));
}

/** The escapes of row text mean the same in JSON: what is left to do is its quote, and control characters. */
const UNQUOTED = /["\p{Cc}]/gu;

/** The rows as JSON objects by column; undefined where a value cannot be written in its column's type. */
function jsonOf(target: Target, bytes: Uint8Array): string | undefined {
  const rules = target.rareRules && mayHoldNanoseconds(bytes) ? target.rareRules : target.rules;
  const rewritten = rules ? rewriteRows(bytes, rules) : { bytes, left: [] };
  if (rewritten.left.length > 0) return undefined;
  const names = ['qianzhi_op', ...target.columns.map(({ column }) => column.name)].map((name) =>
    JSON.stringify(name),
  );
  const constants = textOf(target.constants);
  const field = (text: string, at: number) => {
    const value = text === '\\N' ? 'null' : `"${text.replace(UNQUOTED, escaped)}"`;
    return `${names[at]}:${value}`;
  };
  const lines = textOf(rewritten.bytes).split('\n').slice(0, -1);
  return `[${lines.map((line) => `{${(line + constants).split('\t').map(field).join(',')}}`).join(',')}]`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

function escaped(character: string): string {
  return character === '"' ? '\\"' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
