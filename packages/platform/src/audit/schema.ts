import type { Migration } from '../server/migrate.js';

export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit-1',
    async up(trx) {
      await trx.schema.createTable('audit', (table) => {
        table.integer('seq').primary();
        table.string('at').notNullable();
        table.string('actor').notNullable();
        table.string('action').notNullable();
        table.string('object').notNullable();
        table.string('outcome').notNullable();
        table.text('details').notNullable();
        table.string('previous');
        table.string('digest').notNullable();
      });
      // One row: who adds to the chain locks it first, so that no two entries follow the same one.
      await trx.schema.createTable('audit_head', (table) => {
        table.integer('id').primary();
        table.integer('seq').notNullable();
        table.string('digest');
      });
      await trx('audit_head').insert({ id: 1, seq: 0, digest: null });
    },
  },
];
