import type { Migration } from '../database/migrate.js';

export const assignmentMigrations: readonly Migration[] = [
  {
    name: 'assignment-1',
    async up(trx) {
      await trx.schema.createTable('assignments', (table) => {
        table.text('agent').primary().references('agent').inTable('agents');
        table.bigInteger('version').notNullable();
        table.text('content_digest').notNullable();
        table.text('document').notNullable();
      });
    },
  },
];
