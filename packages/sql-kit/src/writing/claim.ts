import { createPlaces, type SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { targetErrors } from '../errors/target-errors.js';
import { judgeClaim } from '../supplier.js';
import type { FittedTarget } from './target.js';

export interface ClaimSpec {
  readonly supplier: string;
  readonly takeOver: boolean;
  /** Suppliers whose grants have ended. */
  readonly ended: readonly string[];
}

/**
 * Takes the table for one supplier, and for this transaction: until it ends no other one writes this target, whoever runs it.
 * Throws TARGET_TAKEN (config) where another supplier feeds it.
 */
export async function claimTarget(
  dialect: SqlDialect,
  session: SqlSession,
  targets: string,
  { table }: FittedTarget,
  { supplier, takeOver, ended }: ClaimSpec,
  signal: AbortSignal,
): Promise<void> {
  const column = (name: string) => dialect.quoted(dialect.newName(name));
  const key = `${table.schema}.${table.name}`.toLowerCase();
  const look = createPlaces(dialect);
  const sql = dialect.lockedSupplier(targets, `${column('target')} = ${look.add(key)}`);
  const before = (await session.query(sql, look.values, signal)).rows[0]?.[0];
  const { state, wanted } = judgeClaim({
    before: before === undefined || before === null ? undefined : String(before),
    supplier,
    shared: false,
    takeOver,
    ended,
  });
  if (state === 'held') return;
  if (state === 'taken') throw targetErrors.TARGET_TAKEN({ table: table.name, supplier: String(before) });
  const places = createPlaces(dialect);
  const write =
    before === undefined
      ? `INSERT INTO ${targets} (${column('target')}, ${column('supplier')}) VALUES (${places.add(key)}, ${places.add(wanted)})`
      : `UPDATE ${targets} SET ${column('supplier')} = ${places.add(wanted)} WHERE ${column('target')} = ${places.add(key)}`;
  await session.query(write, places.values, signal);
}
