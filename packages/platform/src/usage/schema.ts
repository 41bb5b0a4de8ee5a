import type { Migration } from '../database/migrate.js';

/** Operations of modes without deliveries in sequence; the receipt of each is in `receipts`, under the same id. */
export const usageMigrations: readonly Migration[] = [
  {
    name: 'usage-1',
    async up(trx) {
      await trx.schema.createTable('operations', (t) => {
        t.bigIncrements('position');
        t.text('receipt').notNullable().unique();
        t.text('agreement').notNullable();
        t.integer('grant_version').notNullable();
        t.text('resource').notNullable().index();
        t.text('mode').notNullable();
        t.text('provider').notNullable().index();
        t.text('consumer').notNullable().index();
        t.text('actor').notNullable();
        t.text('matter').notNullable();
        t.text('day').notNullable();
        t.text('done_at').notNullable();
        t.bigInteger('seq').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('bytes').notNullable();
        t.text('receipt_digest').notNullable();
        t.unique(['agreement', 'grant_version', 'mode', 'seq']);
        t.index(['agreement', 'day']);
      });
    },
  },
];
