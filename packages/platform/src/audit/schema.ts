import type { Migration } from '../database/migrate.js';

export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit-1',
    async up(trx) {
      await trx.schema.createTable('audit', (table) => {
        table.integer('seq').primary();
        table.text('at').notNullable();
        table.text('actor').notNullable();
        table.text('action').notNullable();
        table.text('object').notNullable();
        table.text('outcome').notNullable();
        table.text('details').notNullable();
        table.text('previous');
        table.text('digest').notNullable();
      });
      // One row: who adds to the chain locks it first, so that no two entries follow the same one.
      await trx.schema.createTable('audit_head', (table) => {
        table.integer('id').primary();
        table.integer('seq').notNullable();
        table.text('digest');
      });
      await trx('audit_head').insert({ id: 1, seq: 0, digest: null });
    },
  },
  {
    name: 'audit-2',
    async up(trx) {
      await trx.schema.alterTable('audit', (table) => {
        table.index('object');
        table.index('actor');
      });
      // What others signed of their own chains, in the order it came: kept here, out of their reach.
      await trx.schema.createTable('audit_heads', (table) => {
        table.increments('position');
        table.text('owner').notNullable();
        table.text('log').notNullable();
        table.integer('seq').notNullable();
        table.text('digest').notNullable();
        table.text('document').notNullable();
        table.text('received_at').notNullable();
        table.unique(['owner', 'log', 'seq', 'digest']);
      });
      // Where entries were exported and removed: the signed head at the last of them anchors what follows.
      await trx.schema.createTable('audit_archives', (table) => {
        table.integer('seq').primary();
        table.integer('from_seq').notNullable();
        table.text('file').notNullable();
        table.text('sha256').notNullable();
        table.text('document').notNullable();
        table.text('archived_at').notNullable();
      });
    },
  },
];
