import type { Migration } from '../database/migrate.js';

/** Every download ever asked for: what was handed to whom stays on record when the file is gone. */
export const downloadMigrations: readonly Migration[] = [
  {
    name: 'download-1',
    async up(trx) {
      await trx.schema.createTable('downloads', (t) => {
        t.bigIncrements('position');
        t.text('id').notNullable().unique();
        t.text('resource').notNullable().index();
        t.text('agreement').notNullable();
        t.integer('grant_version').notNullable();
        t.text('provider').notNullable().index();
        t.text('consumer').notNullable().index();
        t.text('requested_by').notNullable();
        t.text('matter').notNullable();
        t.text('kind').notNullable();
        t.text('base');
        t.text('format').notNullable();
        t.text('encoding').notNullable();
        t.text('header').notNullable();
        t.text('state').notNullable().index();
        t.integer('attempts').notNullable();
        // as delivered, and what it was made from
        t.text('items').notNullable();
        t.boolean('keyed').notNullable();
        t.text('states').notNullable();
        t.text('seed').notNullable();
        t.text('link_key').notNullable();
        t.text('manifest');
        t.text('problem');
        t.text('requested_at').notNullable();
        t.text('expires_at');
        t.text('delivered_at');
        t.text('receipt');
        t.index(['agreement', 'grant_version']);
      });
    },
  },
];
