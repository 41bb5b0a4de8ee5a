import type { Migration } from '../database/migrate.js';

/** States of resources that are on disk; made again from the batches where they are lost. */
export const stateMigrations: readonly Migration[] = [
  {
    name: 'state-1',
    async up(trx) {
      await trx.schema.createTable('states', (t) => {
        t.text('id').primary();
        t.text('resource').notNullable().index();
        t.text('agent').notNullable();
        t.integer('epoch').notNullable();
        t.bigInteger('snapshot_from').notNullable();
        t.bigInteger('seq').notNullable();
        t.integer('schema_version').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('bytes').notNullable();
        t.text('files').notNullable();
        t.text('made_at').notNullable();
      });
    },
  },
];
