import type { Knex } from 'knex';

/** Rows of one statement: each is a part of one SELECT in SQLite, which takes 500 of them. */
const AT_ONCE = 500;

/** Inserts rows, however many there are. */
export async function insertRows(
  trx: Knex.Transaction,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += AT_ONCE) await trx(table).insert(rows.slice(at, at + AT_ONCE));
}
