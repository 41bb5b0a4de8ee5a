import type { Migration } from '../database/migrate.js';

export const agreementMigrations: readonly Migration[] = [
  {
    name: 'agreement-1',
    async up(trx) {
      await trx.schema.createTable('agreements', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('resource').notNullable().references('code').inTable('resources');
        table.text('provider').notNullable().references('id').inTable('departments').index();
        table.text('consumer').notNullable().references('id').inTable('departments').index();
        table.text('state').notNullable();
        table.integer('live_grant');
        table.index(['resource', 'consumer']);
      });
      // Every application is kept with its decision; the newest of an agreement is the one that counts.
      await trx.schema.createTable('applications', (table) => {
        table.increments('seq');
        table.text('agreement').notNullable().references('id').inTable('agreements').index();
        table.text('content').notNullable();
        table.text('applied_by').notNullable();
        table.text('applied_at').notNullable();
        table.text('decided_by');
        table.text('decided_at');
        table.text('reason');
      });
      await trx.schema.createTable('grants', (table) => {
        table.text('agreement').notNullable().references('id').inTable('agreements');
        table.integer('grant_version').notNullable();
        table.text('resource').notNullable().index();
        table.text('consumer').notNullable().index();
        table.text('valid_from').notNullable();
        table.text('valid_to').notNullable();
        table.text('document').notNullable();
        table.text('ended_at').index();
        table.text('end_change');
        table.text('end_reason');
        table.primary(['agreement', 'grant_version']);
      });
    },
  },
  {
    name: 'agreement-2',
    async up(trx) {
      await trx.schema.createTable('matters', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('agreement').notNullable().references('id').inTable('agreements').index();
        table.integer('application').notNullable();
        table.text('provider').notNullable();
        table.text('consumer').notNullable();
        table.text('stage').notNullable();
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
      await trx.schema.createTable('matter_events', (table) => {
        table.increments('seq');
        table.text('matter').notNullable().references('id').inTable('matters').index();
        table.text('at').notNullable();
        table.text('actor').notNullable();
        table.text('act').notNullable().index();
        table.text('stage').notNullable();
        table.text('text').notNullable();
      });
    },
  },
  {
    name: 'agreement-3',
    async up(trx) {
      await trx.schema.alterTable('grants', (table) => {
        table.text('addresses');
      });
    },
  },
  {
    name: 'agreement-4',
    async up(trx) {
      await trx.schema.createTable('scenarios', (table) => {
        table.text('id').primary();
        table.text('resource').notNullable().references('code').inTable('resources').index();
        table.text('content').notNullable();
        table.text('valid_to').notNullable();
        table.text('published_by').notNullable();
        table.text('published_at').notNullable();
        table.text('ended_by');
        table.text('ended_at');
        table.text('end_reason');
      });
    },
  },
  {
    name: 'agreement-5',
    async up(trx) {
      await trx.schema.alterTable('matters', (table) => {
        table.text('policy');
      });
    },
  },
  {
    name: 'agreement-6',
    async up(trx) {
      await trx.schema.alterTable('matters', (table) => {
        table.text('asked').notNullable().defaultTo('conditional');
        table.text('approver');
      });
    },
  },
];
