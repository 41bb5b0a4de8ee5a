import type { Knex } from 'knex';
import type { Migration } from '../server/migrate.js';

/** Tables of streams, batches, deliveries and receipts. */
export const exchangeMigrations: readonly Migration[] = [
  {
    name: 'exchange-1',
    async up(trx) {
      await trx.schema.createTable('stored_bytes', (t) => {
        t.string('id').primary();
        t.string('file').notNullable().index();
        t.bigInteger('offset').notNullable();
        t.bigInteger('length').notNullable();
        t.string('digest').notNullable();
      });
      await trx.schema.createTable('streams', (t) => {
        stream(t);
        t.string('department').notNullable();
        t.string('state').notNullable();
        t.bigInteger('seq').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('bytes').notNullable();
        t.integer('schema_version');
        t.string('last_batch_at');
        t.string('rows_digest');
        t.string('manifest_digest');
        t.string('receipt_digest');
        t.string('snapshot_id');
        t.bigInteger('snapshot_from');
        t.bigInteger('snapshot_part').notNullable();
        t.bigInteger('snapshot_rows').notNullable();
        t.bigInteger('complete_from');
        t.string('opened_at').notNullable();
        t.primary(['resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('batches', (t) => {
        stream(t);
        t.bigInteger('seq').notNullable();
        t.string('id').notNullable().unique();
        t.text('manifest').notNullable();
        t.string('manifest_digest').notNullable();
        t.string('rows_digest').notNullable();
        t.string('kind').notNullable();
        t.integer('schema_version').notNullable();
        t.string('snapshot_id');
        t.bigInteger('rows').notNullable();
        t.bigInteger('read_rows').notNullable();
        t.bigInteger('rejected').notNullable();
        t.bigInteger('flagged').notNullable();
        t.bigInteger('repeated').notNullable();
        t.bigInteger('raw_bytes').notNullable();
        t.bigInteger('stored_bytes').notNullable();
        t.boolean('void').notNullable();
        t.string('bytes_id').references('id').inTable('stored_bytes');
        t.string('received_at').notNullable();
        t.primary(['resource', 'agent', 'epoch', 'seq']);
      });
      await trx.schema.createTable('recoveries', (t) => {
        stream(t);
        t.text('document').notNullable();
        t.string('received_at').notNullable();
        t.primary(['resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('delivery_streams', (t) => {
        delivery(t);
        t.string('provider').notNullable();
        t.string('consumer').notNullable();
        t.string('state').notNullable();
        t.bigInteger('seq').notNullable();
        t.string('digest');
        t.bigInteger('next_source').notNullable();
        t.bigInteger('staged_seq').notNullable();
        t.bigInteger('final_seq').notNullable();
        t.integer('restarts').notNullable();
        t.string('opened_at').notNullable();
        t.primary(['agreement', 'grant_version', 'resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('deliveries', (t) => {
        delivery(t);
        t.bigInteger('seq').notNullable();
        t.bigInteger('source_seq').notNullable();
        t.text('document').notNullable();
        t.string('rows_digest').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('stored_bytes').notNullable();
        t.boolean('projected').notNullable();
        t.string('bytes_id').references('id').inTable('stored_bytes');
        t.boolean('void').notNullable();
        t.boolean('final').notNullable();
        t.primary(['agreement', 'grant_version', 'resource', 'agent', 'epoch', 'seq']);
        t.index(['resource', 'agent', 'epoch', 'source_seq']);
      });
      await trx.schema.createTable('receipts', (t) => {
        t.bigIncrements('position');
        t.string('id').notNullable().unique();
        t.string('stage').notNullable();
        stream(t);
        t.string('agreement');
        t.integer('grant_version');
        t.string('provider').notNullable();
        t.string('consumer');
        t.string('issuer').notNullable();
        t.bigInteger('seq_from').notNullable();
        t.bigInteger('seq_to').notNullable();
        t.bigInteger('rows').notNullable();
        for (const count of ['delivered', 'inserted', 'updated', 'unchanged', 'deleted', 'rejected']) {
          t.bigInteger(count).notNullable();
        }
        t.string('digest').notNullable().index();
        t.string('previous').index();
        t.boolean('again').notNullable();
        t.text('document').notNullable();
        t.index(['resource', 'agent', 'epoch', 'stage', 'seq_from']);
        t.index(['agreement', 'grant_version', 'stage']);
      });
      await trx.schema.createTable('pseudonym_keys', (t) => {
        t.string('agreement').primary();
        t.string('key').notNullable();
      });
    },
  },
];

function stream(t: Knex.CreateTableBuilder): void {
  t.string('resource').notNullable();
  t.string('agent').notNullable();
  t.integer('epoch').notNullable();
}

function delivery(t: Knex.CreateTableBuilder): void {
  t.string('agreement').notNullable();
  t.integer('grant_version').notNullable();
  stream(t);
}
