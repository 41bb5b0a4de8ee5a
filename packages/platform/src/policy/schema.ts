import type { Migration } from '../database/migrate.js';

export const policyMigrations: readonly Migration[] = [
  {
    name: 'policy-1',
    async up(trx) {
      // The profile as it was when it was taken into force: a file edited later changes nothing that has begun.
      await trx.schema.createTable('policy_switches', (table) => {
        table.increments('seq');
        table.text('profile').notNullable().index();
        table.text('document').notNullable();
        table.text('since').notNullable();
        table.text('switched_by').notNullable();
        table.text('reason').notNullable();
      });
    },
  },
];
