import type { Knex } from 'knex';

/** Reads that belong together: they see the tables as they were at one moment, whatever is committed meanwhile. */
export function atOneMoment<T>(db: Knex, read: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  return db.transaction(read, { isolationLevel: 'repeatable read', readOnly: true });
}
