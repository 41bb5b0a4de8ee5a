import type { Migration } from '../database/migrate.js';

export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit-1',
    async up(trx) {
      await trx.schema.createTable('audit', (table) => {
        table.integer('seq').primary();
        table.text('at').notNullable();
        table.text('actor').notNullable();
        table.text('action').notNullable();
        table.text('object').notNullable();
        table.text('outcome').notNullable();
        table.text('details').notNullable();
        table.text('previous');
        table.text('digest').notNullable();
      });
      // One row: who adds to the chain locks it first, so that no two entries follow the same one.
      await trx.schema.createTable('audit_head', (table) => {
        table.integer('id').primary();
        table.integer('seq').notNullable();
        table.text('digest');
      });
      await trx('audit_head').insert({ id: 1, seq: 0, digest: null });
    },
  },
];
