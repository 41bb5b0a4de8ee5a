import type { Migration } from '../../database/migrate.js';

export const catalogLifecycleMigrations: readonly Migration[] = [
  {
    name: 'catalog-lifecycle-1',
    async up(trx) {
      await trx.schema.createTable('catalog_drafts', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('code').notNullable().index();
        table.text('department').notNullable().references('id').inTable('departments').index();
        table.text('change').notNullable();
        table.text('state').notNullable();
        // the entry, or the terms of a withdrawal
        table.text('document').notNullable();
      });
      await trx.schema.createTable('catalog_steps', (table) => {
        table.increments('seq');
        table.text('draft').notNullable().references('id').inTable('catalog_drafts').index();
        table.text('step').notNullable();
        table.text('state').notNullable();
        table.text('by').notNullable();
        table.text('department').notNullable();
        table.text('at').notNullable();
        table.text('note').notNullable();
      });
      await trx.schema.createTable('catalog_withdrawals', (table) => {
        table.increments('seq');
        table.text('code').notNullable().references('code').inTable('resources').index();
        table.text('reason').notNullable();
        table.text('live_agreements').notNullable();
        table.text('withdrawn_by').notNullable();
        table.text('withdrawn_at').notNullable();
        table.text('lifted_at');
      });
    },
  },
];
