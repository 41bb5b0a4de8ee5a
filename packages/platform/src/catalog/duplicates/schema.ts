import type { Migration } from '../../database/migrate.js';

export const duplicateMigrations: readonly Migration[] = [
  {
    name: 'catalog-duplicates-1',
    async up(trx) {
      // Names of current items, as they are compared; filled at the start for what is there, as the search index is.
      await trx.schema.createTable('resource_items', (table) => {
        table.text('name').notNullable();
        table.text('code').notNullable().references('code').inTable('resources').index();
        table.primary(['name', 'code']);
      });
      // Two resources of different departments that look like the same data; `first` is the lesser code.
      await trx.schema.createTable('duplicate_supplies', (table) => {
        table.text('first').notNullable().references('code').inTable('resources');
        table.text('second').notNullable().references('code').inTable('resources').index();
        table.integer('common').notNullable();
        table.integer('percent').notNullable();
        table.integer('alike').notNullable();
        table.text('found_at').notNullable();
        table.text('responsible');
        table.text('note');
        table.text('decided_by');
        table.text('decided_at');
        table.primary(['first', 'second']);
      });
    },
  },
];
