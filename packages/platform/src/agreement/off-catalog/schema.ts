import type { Migration } from '../../database/migrate.js';

export const offCatalogMigrations: readonly Migration[] = [
  {
    name: 'off-catalog-1',
    async up(trx) {
      await trx.schema.createTable('off_catalog_requests', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('consumer').notNullable().references('id').inTable('departments').index();
        table.text('content').notNullable();
        table.text('applied_by').notNullable();
        table.text('applied_at').notNullable();
        // named ahead of its publication, so that there may be no such resource yet
        table.text('resource').index();
        table.text('columns').notNullable();
        table.text('linked_at');
        table.text('agreement').references('id').inTable('agreements');
      });
      await trx.schema.createTable('off_catalog_matters', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('request').notNullable().references('id').inTable('off_catalog_requests').index();
        table.integer('application').notNullable();
        table.text('provider').index();
        table.text('consumer').notNullable();
        table.text('stage').notNullable().index();
        table.text('profile').notNullable();
        table.integer('restricted').notNullable();
        table.integer('consent').notNullable();
        table.text('item_basis').notNullable();
        table.text('need');
        table.text('refusal');
        table.text('opinion');
        table.text('duty').index();
        table.text('supply_duty').index();
        table.text('filing_duty');
        table.text('confidentiality');
        table.text('began_at').notNullable();
      });
      await trx.schema.createTable('off_catalog_events', (table) => {
        table.increments('seq');
        table.text('matter').notNullable().references('id').inTable('off_catalog_matters').index();
        table.text('at').notNullable();
        table.text('actor').notNullable();
        table.text('act').notNullable().index();
        table.text('stage').notNullable();
        table.text('text').notNullable();
      });
    },
  },
  {
    name: 'off-catalog-2',
    async up(trx) {
      await trx.schema.alterTable('off_catalog_matters', (table) => {
        table.text('policy');
      });
    },
  },
  {
    name: 'off-catalog-3',
    async up(trx) {
      await trx.schema.alterTable('off_catalog_matters', (table) => {
        table.text('asked').notNullable().defaultTo('offCatalog');
        table.text('approver');
      });
    },
  },
];
