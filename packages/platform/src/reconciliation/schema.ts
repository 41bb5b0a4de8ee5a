import type { Migration } from '../database/migrate.js';

/** Sessions with their reports, and the sealed messages of open ones. */
export const reconciliationMigrations: readonly Migration[] = [
  {
    name: 'reconciliation-1',
    async up(trx) {
      await trx.schema.createTable('reconcile_sessions', (t) => {
        t.text('id').primary();
        t.text('resource').notNullable().index();
        t.text('agreement').notNullable();
        t.integer('grant_version').notNullable();
        t.text('provider').notNullable().index();
        t.text('consumer').notNullable().index();
        t.text('provider_department').notNullable();
        t.text('consumer_department').notNullable();
        t.boolean('repair').notNullable();
        t.text('state').notNullable().index();
        t.text('failed_agent');
        t.text('failed_code');
        t.text('opened_at').notNullable();
        t.text('touched_at').notNullable();
        t.text('ended_at');
        t.integer('provider_sent').notNullable().defaultTo(0);
        t.integer('consumer_sent').notNullable().defaultTo(0);
        t.text('provider_report');
        t.text('consumer_report');
      });
      await trx.schema.createTable('reconcile_messages', (t) => {
        t.text('session').notNullable();
        t.text('sender').notNullable();
        t.integer('seq').notNullable();
        t.text('payload').notNullable();
        t.primary(['session', 'sender', 'seq']);
      });
    },
  },
];
