import type { Knex } from 'knex';
import { databaseErrors } from './errors.js';

/** One step forward of the tables. Names are never reused; a step once released never changes. */
export interface Migration {
  /** `<feature>-<number>`, e.g. `catalog-1`. */
  readonly name: string;
  up(trx: Knex.Transaction): Promise<void>;
}

/**
 * Brings the tables forward, each step in a transaction of its own together with its mark: killed anywhere, the
 * next start goes on with the first unmarked step. Throws QZ_PLATFORM_DATABASE_NEWER when a step is marked that this
 * build does not know.
 */
export async function migrate(db: Knex, migrations: readonly Migration[]): Promise<void> {
  if (!(await db.schema.hasTable('migrations'))) {
    await db.schema.createTable('migrations', (table) => {
      table.text('name').primary();
      table.text('applied_at').notNullable();
    });
  }
  const applied = new Set((await db('migrations').select('name')).map((row: { name: string }) => row.name));
  const known = new Set(migrations.map((step) => step.name));
  for (const name of applied) if (!known.has(name)) throw databaseErrors.DATABASE_NEWER({ step: name });
  for (const step of migrations) {
    if (applied.has(step.name)) continue;
    await db.transaction(async (trx) => {
      await step.up(trx);
      await trx('migrations').insert({ name: step.name, applied_at: new Date().toISOString() });
    });
  }
}
