import type { Migration } from '../server/migrate.js';

export const identityMigrations: readonly Migration[] = [
  {
    name: 'identity-1',
    async up(trx) {
      await trx.schema.createTable('keys', (table) => {
        table.increments('seq');
        table.string('key_id').notNullable().unique();
        table.string('owner').notNullable().index();
        table.string('department');
        table.string('suite').notNullable();
        table.string('public_key').notNullable();
        table.string('valid_from').notNullable();
      });
      await trx.schema.createTable('key_ends', (table) => {
        table.increments('seq');
        table.string('key_id').notNullable().unique().references('key_id').inTable('keys');
        table.string('valid_to').notNullable();
        table.string('reason').notNullable();
      });
      await trx.schema.createTable('first_start', (table) => {
        table.integer('id').primary();
        table.string('code_digest').notNullable();
      });
      await trx.schema.createTable('accounts', (table) => {
        table.string('account').primary();
        table.string('name').notNullable();
        table.string('department').references('id').inTable('departments');
        table.text('roles').notNullable();
        table.integer('disabled').notNullable();
        table.text('password').notNullable();
        table.string('created_at').notNullable();
      });
      await trx.schema.createTable('sessions', (table) => {
        table.string('token_digest').primary();
        table.string('account').notNullable().references('account').inTable('accounts').index();
        table.string('expires_at').notNullable();
        table.string('used_at').notNullable();
      });
      // Also for names that are no account: who guesses learns nothing from the answer.
      await trx.schema.createTable('sign_in_failures', (table) => {
        table.string('account').primary();
        table.integer('failures').notNullable();
        table.string('last_at').notNullable();
      });
      await trx.schema.createTable('agents', (table) => {
        table.string('agent').primary();
        table.string('department').notNullable().references('id').inTable('departments').index();
        table.string('state').notNullable();
        table.integer('fence').notNullable();
        table.string('instance');
        table.string('last_seen_at');
        table.text('exchanges').notNullable();
      });
      await trx.schema.createTable('enrolments', (table) => {
        table.string('id').primary();
        table.string('agent').notNullable().index();
        table.string('department').notNullable();
        table.string('secret_digest').notNullable();
        table.string('issued_by').notNullable();
        table.string('expires_at').notNullable();
        table.string('spent_at');
      });
      await trx.schema.createTable('nonces', (table) => {
        table.string('key_id').notNullable();
        table.string('nonce').notNullable();
        table.string('expires_at').notNullable().index();
        table.primary(['key_id', 'nonce']);
      });
    },
  },
];
