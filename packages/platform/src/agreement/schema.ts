import type { Migration } from '../server/migrate.js';

export const agreementMigrations: readonly Migration[] = [
  {
    name: 'agreement-1',
    async up(trx) {
      await trx.schema.createTable('agreements', (table) => {
        table.increments('seq');
        table.string('id').notNullable().unique();
        table.string('resource').notNullable().references('code').inTable('resources');
        table.string('provider').notNullable().references('id').inTable('departments').index();
        table.string('consumer').notNullable().references('id').inTable('departments').index();
        table.string('state').notNullable();
        table.integer('live_grant');
        table.index(['resource', 'consumer']);
      });
      // Every application is kept with its decision; the newest of an agreement is the one that counts.
      await trx.schema.createTable('applications', (table) => {
        table.increments('seq');
        table.string('agreement').notNullable().references('id').inTable('agreements').index();
        table.text('content').notNullable();
        table.string('applied_by').notNullable();
        table.string('applied_at').notNullable();
        table.string('decided_by');
        table.string('decided_at');
        table.text('reason');
      });
      await trx.schema.createTable('grants', (table) => {
        table.string('agreement').notNullable().references('id').inTable('agreements');
        table.integer('grant_version').notNullable();
        table.string('resource').notNullable().index();
        table.string('consumer').notNullable().index();
        table.string('valid_from').notNullable();
        table.string('valid_to').notNullable();
        table.text('document').notNullable();
        table.string('ended_at').index();
        table.string('end_change');
        table.text('end_reason');
        table.primary(['agreement', 'grant_version']);
      });
    },
  },
];
