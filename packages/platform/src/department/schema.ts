import type { Migration } from '../database/migrate.js';

export const departmentMigrations: readonly Migration[] = [
  {
    name: 'department-1',
    async up(trx) {
      await trx.schema.createTable('departments', (table) => {
        table.text('id').primary();
        table.text('name').notNullable();
        table.text('uscc');
        table.integer('police').notNullable();
        table.integer('competent').notNullable();
      });
    },
  },
];
