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
  {
    name: 'department-2',
    async up(trx) {
      await trx.schema.createTable('contacts', (table) => {
        table.text('department').notNullable().references('id').inTable('departments');
        table.text('role').notNullable();
        table.text('name');
        table.text('title').notNullable();
        table.text('phone').notNullable();
        table.text('since').notNullable();
        table.text('reported_at').notNullable();
        table.text('duty');
        table.primary(['department', 'role']);
      });
      await trx.schema.createTable('access_steps', (table) => {
        table.text('department').notNullable().references('id').inTable('departments');
        table.text('step').notNullable();
        table.text('reference').notNullable();
        table.text('done_on').notNullable();
        table.text('recorded_by').notNullable();
        table.text('recorded_at').notNullable();
        table.primary(['department', 'step']);
      });
    },
  },
  {
    name: 'department-3',
    async up(trx) {
      await trx.schema.alterTable('departments', (table) => {
        table.text('region');
      });
    },
  },
];
