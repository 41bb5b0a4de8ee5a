import type { Migration } from '../../database/migrate.js';

export const listMigrations: readonly Migration[] = [
  {
    name: 'catalog-lists-1',
    async up(trx) {
      await trx.schema.createTable('department_lists', (table) => {
        table.text('list').notNullable();
        table.text('department').notNullable().references('id').inTable('departments');
        table.text('entries').notNullable();
        table.text('put_by').notNullable();
        table.text('put_at').notNullable();
        table.primary(['list', 'department']);
      });
    },
  },
];
