import { createHash } from 'node:crypto';
import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import {
  binaryOf,
  canonicalText,
  createRowWriter,
  decodeRows,
  keyOf,
  type RowOp,
  rowOffsets,
} from '@qianzhi/rows';
import type { MergeRelations, SqlDialect } from '../database/dialect.js';
import type { LoadColumn, SqlBind, SqlCell, SqlSession } from '../database/session.js';
import type { FittedTarget } from './target.js';

/** Columns of a staged relation before the values: number of the row, and 1 for a delete. */
export const STAGED_ROW = 'qianzhi_row';
export const STAGED_DELETE = 'qianzhi_delete';

/** Columns as the DDL has them. */
export function stageColumns(dialect: SqlDialect, { columns }: FittedTarget): string[] {
  const { integer } = dialect.ownTypes;
  return [
    `${STAGED_ROW} ${integer} NOT NULL`,
    `${STAGED_DELETE} ${integer} NOT NULL`,
    ...columns.map(({ column, staged }) => `${staged} ${dialect.stageAs(column).type}`),
  ];
}

/** Changes with the columns: a relation that stays is never taken for one of another shape. */
export function shapeDigest(columns: readonly string[]): string {
  return createHash('sha256').update(columns.join(',')).digest('hex').slice(0, 16);
}

/** Rows of one batch that are left out, in the order they are found. */
export interface LeftOut {
  readonly rows: RowRejection[];
  add(row: number, refusal: { readonly item: string; readonly reason: string }): void;
}

export function leftOutOf(batch: SinkBatch, { keyFields }: FittedTarget): LeftOut {
  const rows: RowRejection[] = [];
  let offsets: Uint32Array | undefined;
  return {
    rows,
    add(row, refusal) {
      offsets ??= rowOffsets(batch.bytes);
      rows.push(rejectionOf(batch.bytes.slice(offsets[row], offsets[row + 1]), row, refusal, keyFields));
    },
  };
}

export function rejectionOf(
  bytes: Uint8Array,
  row: number,
  { item, reason }: { readonly item: string; readonly reason: string },
  keyFields: readonly number[],
): RowRejection {
  const op = String.fromCharCode(bytes[0]!) as RowOp;
  const key = keyFields.length > 0 && { key: Buffer.from(keyOf(bytes, keyFields)) };
  return { row, op, item, reason, bytes, ...key };
}

/**
 * Loads a batch into a staged relation, its rows numbered from `first`. Values that a column would change are found before they
 * are sent; what the database would refuse or change is found by one statement behind them.
 */
export async function loadStage(
  dialect: SqlDialect,
  session: SqlSession,
  target: FittedTarget,
  relation: string,
  batch: SinkBatch,
  first: number,
  left: LeftOut,
  signal: AbortSignal,
): Promise<void> {
  const kinds = target.columns.map(({ column }) => dialect.stageAs(column).kind);
  const columns: LoadColumn[] = [
    { name: STAGED_ROW, kind: 'integer' },
    { name: STAGED_DELETE, kind: 'integer' },
    ...target.columns.map(({ staged }, at) => ({ name: staged, kind: kinds[at]! })),
  ];
  const given: number[] = [];
  function* rows(): Generator<SqlBind[]> {
    let row = -1;
    for (const { op, fields } of decodeRows(batch.bytes)) {
      row++;
      const values: SqlBind[] = [first + row, op === 'D' ? 1 : 0];
      const fault = bindRow(target, fields, kinds, values);
      if (fault) {
        left.add(row, fault);
        continue;
      }
      given.push(row);
      yield values;
    }
  }
  for (const { at, reason } of await session.load(relation, columns, rows(), signal))
    left.add(given[at]!, { item: '*', reason });
  const where = `s.${STAGED_ROW} >= ${first}`;
  const bad = dialect.badRows(relationsOf(target, relation, where));
  if (bad === undefined) return;
  const found = new Map<number, { item: string; reason: string }>();
  for (const [row, at, reason] of (await session.query(bad, [], signal)).rows) {
    const item = target.items[Number(at)]?.column ?? '*';
    if (!found.has(Number(row))) found.set(Number(row), { item, reason: String(reason) });
  }
  for (const [row, refusal] of found) left.add(row - first, refusal);
  await removeRows(session, relation, [...found.keys()], signal);
}

function bindRow(
  { rules, items, constants }: FittedTarget,
  fields: readonly (string | null)[],
  kinds: readonly LoadColumn['kind'][],
  values: SqlBind[],
): { item: string; reason: string } | undefined {
  for (let at = 0; at < items.length; at++) {
    const text = fields[at] ?? null;
    const rule = rules[at];
    const value = text === null || !rule ? text : rule(text);
    if (value !== null && typeof value === 'object') return { item: items[at]!.column, reason: value.reason };
    values.push(value === null ? null : bound(value, kinds[at]!));
  }
  for (const [at, constant] of constants.entries())
    values.push(constant === null ? null : bound(constant, kinds[items.length + at]!));
  return undefined;
}

function bound(text: string, kind: LoadColumn['kind']): SqlBind {
  if (kind === 'double' || kind === 'integer') return Number(text);
  return kind === 'binary' ? Buffer.from(binaryOf(text)) : text;
}

const ROWS_AT_ONCE = 500;

async function removeRows(
  session: SqlSession,
  relation: string,
  rows: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const some = rows.slice(at, at + ROWS_AT_ONCE).join(', ');
    await session.query(`DELETE FROM ${relation} WHERE ${STAGED_ROW} IN (${some})`, [], signal);
  }
}

export function relationsOf(target: FittedTarget, staged: string, where: string): MergeRelations {
  return { target: target.name, staged, columns: target.columns, keys: target.keys, where };
}

/**
 * Row text of a staged row. Values stand in the form their column takes: codes are the target's own, and times those of its
 * zone.
 */
export async function stagedRow(
  session: SqlSession,
  target: FittedTarget,
  relation: string,
  row: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const list = target.columns.slice(0, target.items.length).map(({ staged }) => staged);
  const sql = `SELECT ${list.join(', ')} FROM ${relation} WHERE ${STAGED_ROW} = ${row}`;
  const cells: readonly SqlCell[] = (await session.query(sql, [], signal)).rows[0] ?? [];
  const writer = createRowWriter(1024);
  writer.begin('S');
  for (const [at, item] of target.items.entries()) {
    const cell = cells[at] ?? null;
    if (Buffer.isBuffer(cell)) writer.binary(cell);
    else writer.text(cell === null ? null : canonicalText(item, String(cell)));
  }
  writer.end();
  return writer.take();
}
