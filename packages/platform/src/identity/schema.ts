import type { Migration } from '../database/migrate.js';

export const identityMigrations: readonly Migration[] = [
  {
    name: 'identity-1',
    async up(trx) {
      await trx.schema.createTable('keys', (table) => {
        table.increments('seq');
        table.text('key_id').notNullable().unique();
        table.text('owner').notNullable().index();
        table.text('department');
        table.text('suite').notNullable();
        table.text('public_key').notNullable();
        table.text('valid_from').notNullable();
      });
      await trx.schema.createTable('key_ends', (table) => {
        table.increments('seq');
        table.text('key_id').notNullable().unique().references('key_id').inTable('keys');
        table.text('valid_to').notNullable();
        table.text('reason').notNullable();
      });
      await trx.schema.createTable('first_start', (table) => {
        table.integer('id').primary();
        table.text('code_digest').notNullable();
      });
      await trx.schema.createTable('accounts', (table) => {
        table.text('account').primary();
        table.text('name').notNullable();
        table.text('department').references('id').inTable('departments');
        table.text('roles').notNullable();
        table.integer('disabled').notNullable();
        table.text('password').notNullable();
        table.text('created_at').notNullable();
      });
      await trx.schema.createTable('sessions', (table) => {
        table.text('token_digest').primary();
        table.text('account').notNullable().references('account').inTable('accounts').index();
        table.text('expires_at').notNullable();
        table.text('used_at').notNullable();
      });
      // Also for names that are no account: who guesses learns nothing from the answer.
      await trx.schema.createTable('sign_in_failures', (table) => {
        table.text('account').primary();
        table.integer('failures').notNullable();
        table.text('last_at').notNullable();
      });
      await trx.schema.createTable('agents', (table) => {
        table.text('agent').primary();
        table.text('department').notNullable().references('id').inTable('departments').index();
        table.text('state').notNullable();
        table.integer('fence').notNullable();
        table.text('instance');
        table.text('last_seen_at');
        table.text('exchanges').notNullable();
      });
      await trx.schema.createTable('enrolments', (table) => {
        table.text('id').primary();
        table.text('agent').notNullable().index();
        table.text('department').notNullable();
        table.text('secret_digest').notNullable();
        table.text('issued_by').notNullable();
        table.text('expires_at').notNullable();
        table.text('spent_at');
      });
      await trx.schema.createTable('nonces', (table) => {
        table.text('key_id').notNullable();
        table.text('nonce').notNullable();
        table.text('expires_at').notNullable().index();
        table.primary(['key_id', 'nonce']);
      });
    },
  },
  {
    name: 'identity-2',
    async up(trx) {
      await trx.schema.createTable('totp', (table) => {
        table.text('account').primary().references('account').inTable('accounts');
        // sealed under a key that is not in the database
        table.text('secret').notNullable();
        table.text('confirmed_at');
        table.integer('last_step').notNullable();
      });
      await trx.schema.createTable('recovery_codes', (table) => {
        table.text('account').notNullable().references('account').inTable('accounts');
        table.text('digest').notNullable();
        table.primary(['account', 'digest']);
      });
    },
  },
  {
    name: 'identity-3',
    async up(trx) {
      // in the order they come and go in, and in nothing but that index where the database can: one is written with every request
      const clustered = trx.client.config.client === 'pg' ? '' : ' without rowid';
      await trx.schema.renameTable('nonces', 'nonces_before');
      await trx.schema.raw(
        `create table nonces (
          expires_at text not null, key_id text not null, nonce text not null, primary key (expires_at, key_id, nonce)
        )${clustered}`,
      );
      const moved = trx('nonces_before').select('expires_at', 'key_id', 'nonce');
      await trx('nonces').insert(moved);
      await trx.schema.dropTable('nonces_before');
    },
  },
];
