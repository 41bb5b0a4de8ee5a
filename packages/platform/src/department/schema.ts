import type { Migration } from '../server/migrate.js';

export const departmentMigrations: readonly Migration[] = [
  {
    name: 'department-1',
    async up(trx) {
      await trx.schema.createTable('departments', (table) => {
        table.string('id').primary();
        table.string('name').notNullable();
        table.string('uscc');
        table.integer('police').notNullable();
        table.integer('competent').notNullable();
      });
    },
  },
];
