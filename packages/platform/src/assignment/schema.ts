import type { Migration } from '../server/migrate.js';

export const assignmentMigrations: readonly Migration[] = [
  {
    name: 'assignment-1',
    async up(trx) {
      await trx.schema.createTable('assignments', (table) => {
        table.string('agent').primary().references('agent').inTable('agents');
        table.integer('version').notNullable();
        table.string('content_digest').notNullable();
        table.text('document').notNullable();
      });
    },
  },
];
