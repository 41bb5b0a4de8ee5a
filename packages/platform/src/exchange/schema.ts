import type { Knex } from 'knex';
import type { Migration } from '../database/migrate.js';

/** Tables of streams, batches, deliveries and receipts. */
export const exchangeMigrations: readonly Migration[] = [
  {
    name: 'exchange-1',
    async up(trx) {
      await trx.schema.createTable('stored_bytes', (t) => {
        t.text('id').primary();
        t.text('file').notNullable().index();
        t.bigInteger('offset').notNullable();
        t.bigInteger('length').notNullable();
        t.text('digest').notNullable();
      });
      await trx.schema.createTable('streams', (t) => {
        stream(t);
        t.text('department').notNullable();
        t.text('state').notNullable();
        t.bigInteger('seq').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('bytes').notNullable();
        t.integer('schema_version');
        t.text('last_batch_at');
        t.text('rows_digest');
        t.text('manifest_digest');
        t.text('receipt_digest');
        t.text('snapshot_id');
        t.bigInteger('snapshot_from');
        t.bigInteger('snapshot_part').notNullable();
        t.bigInteger('snapshot_rows').notNullable();
        t.bigInteger('complete_from');
        t.text('opened_at').notNullable();
        t.primary(['resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('batches', (t) => {
        stream(t);
        t.bigInteger('seq').notNullable();
        t.text('id').notNullable().unique();
        t.text('manifest').notNullable();
        t.text('manifest_digest').notNullable();
        t.text('rows_digest').notNullable();
        t.text('kind').notNullable();
        t.integer('schema_version').notNullable();
        t.text('snapshot_id');
        t.bigInteger('rows').notNullable();
        t.bigInteger('read_rows').notNullable();
        t.bigInteger('rejected').notNullable();
        t.bigInteger('flagged').notNullable();
        t.bigInteger('repeated').notNullable();
        t.bigInteger('raw_bytes').notNullable();
        t.bigInteger('stored_bytes').notNullable();
        t.boolean('void').notNullable();
        t.text('bytes_id').references('id').inTable('stored_bytes');
        t.text('received_at').notNullable();
        t.primary(['resource', 'agent', 'epoch', 'seq']);
      });
      await trx.schema.createTable('recoveries', (t) => {
        stream(t);
        t.text('document').notNullable();
        t.text('received_at').notNullable();
        t.primary(['resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('delivery_streams', (t) => {
        delivery(t);
        t.text('provider').notNullable();
        t.text('consumer').notNullable();
        t.text('state').notNullable();
        t.bigInteger('seq').notNullable();
        t.text('digest');
        t.bigInteger('next_source').notNullable();
        t.bigInteger('staged_seq').notNullable();
        t.bigInteger('final_seq').notNullable();
        t.integer('restarts').notNullable();
        t.text('opened_at').notNullable();
        t.primary(['agreement', 'grant_version', 'resource', 'agent', 'epoch']);
      });
      await trx.schema.createTable('deliveries', (t) => {
        delivery(t);
        t.bigInteger('seq').notNullable();
        t.bigInteger('source_seq').notNullable();
        t.text('document').notNullable();
        t.text('rows_digest').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('stored_bytes').notNullable();
        t.boolean('projected').notNullable();
        t.text('bytes_id').references('id').inTable('stored_bytes');
        t.boolean('void').notNullable();
        t.boolean('final').notNullable();
        t.primary(['agreement', 'grant_version', 'resource', 'agent', 'epoch', 'seq']);
        t.index(['resource', 'agent', 'epoch', 'source_seq']);
      });
      await trx.schema.createTable('receipts', (t) => {
        t.bigIncrements('position');
        t.text('id').notNullable().unique();
        t.text('stage').notNullable();
        stream(t);
        t.text('agreement');
        t.integer('grant_version');
        t.text('provider').notNullable();
        t.text('consumer');
        t.text('issuer').notNullable();
        t.bigInteger('seq_from').notNullable();
        t.bigInteger('seq_to').notNullable();
        t.bigInteger('rows').notNullable();
        for (const count of ['delivered', 'inserted', 'updated', 'unchanged', 'deleted', 'rejected']) {
          t.bigInteger(count).notNullable();
        }
        t.text('digest').notNullable().index();
        t.text('previous').index();
        t.boolean('again').notNullable();
        t.text('document').notNullable();
        t.index(['resource', 'agent', 'epoch', 'stage', 'seq_from']);
        t.index(['agreement', 'grant_version', 'stage']);
      });
      await trx.schema.createTable('pseudonym_keys', (t) => {
        t.text('agreement').primary();
        t.text('key').notNullable();
      });
    },
  },
  {
    name: 'exchange-2',
    async up(trx) {
      // null: before there were quotas, which count nothing of that time
      await trx.schema.alterTable('deliveries', (t) => {
        t.text('delivered_on');
      });
    },
  },
  {
    name: 'exchange-3',
    async up(trx) {
      // null: of before, when deliveries were all counted as docking
      await trx.schema.alterTable('deliveries', (t) => {
        t.text('mode');
      });
    },
  },
  {
    name: 'exchange-4',
    async up(trx) {
      // of a delta under a row scope: which of the rows out of scope were held
      await trx.schema.alterTable('deliveries', (t) => {
        t.text('held_rows');
      });
      await trx.schema.createTable('held_sets', (t) => {
        t.increments('id');
        delivery(t);
        t.text('state').notNullable();
        t.text('snapshot_id');
        t.index(['agreement', 'grant_version', 'resource', 'agent', 'epoch']);
      });
      // many and small: SQLite keeps them in the index alone
      const clustered = trx.client.config.client === 'pg' ? '' : ' without rowid';
      await trx.schema.raw(
        `create table held_keys (held integer not null, key text not null, primary key (held, key))${clustered}`,
      );
    },
  },
  {
    name: 'exchange-5',
    async up(trx) {
      // files that manifests, deliveries and receipts were moved into: up to which length, and whether all of their time are
      await trx.schema.createTable('evidence_archives', (t) => {
        t.text('file').primary();
        t.text('before_at').notNullable();
        t.bigInteger('bytes').notNullable();
        t.bigInteger('documents').notNullable();
        t.text('sha256');
        t.text('closed_at');
      });
      // what those that were moved add to the counts of a stream or delivery stream
      await trx.schema.createTable('evidence_sums', (t) => {
        delivery(t);
        t.text('sums').notNullable();
        t.primary(['resource', 'agent', 'epoch', 'agreement', 'grant_version']);
      });
      await trx.schema.createTable('archived_usage', (t) => {
        t.text('day').notNullable();
        t.text('mode').notNullable();
        delivery(t);
        t.bigInteger('requests').notNullable();
        t.bigInteger('rows').notNullable();
        t.bigInteger('bytes').notNullable();
        t.primary(['day', 'mode', 'agreement', 'grant_version', 'resource', 'agent', 'epoch']);
      });
      // the last receipt of each chain that was moved: what is left follows it
      await trx.schema.createTable('evidence_begins', (t) => {
        t.text('subject').notNullable();
        t.text('issuer').notNullable();
        t.text('resource').notNullable();
        t.text('agreement');
        t.text('provider').notNullable();
        t.text('consumer');
        t.text('digest').notNullable();
        t.bigInteger('seq_to').notNullable();
        t.text('file').notNullable();
        t.primary(['subject', 'issuer']);
      });
    },
  },
  {
    name: 'exchange-6',
    async up(trx) {
      // where receipts went: batches of each chain, and the lines that were archived at once
      await trx.schema.createTable('evidence_places', (t) => {
        t.text('subject').notNullable();
        t.text('issuer').notNullable();
        t.bigInteger('seq_from').notNullable();
        t.bigInteger('seq_to').notNullable();
        t.text('file').notNullable();
        t.bigInteger('offset').notNullable();
        t.bigInteger('length').notNullable();
        t.primary(['subject', 'issuer', 'file', 'offset']);
      });
      // of before it is known only up to which batch: anywhere in any file
      const begins = await trx('evidence_begins').select('subject', 'issuer', 'seq_to');
      const files = await trx('evidence_archives').select({ file: 'file', length: 'bytes' });
      for (const begin of begins)
        for (const file of files)
          await trx('evidence_places').insert({ ...begin, ...file, seq_from: 0, offset: 0 });
    },
  },
  {
    name: 'exchange-7',
    async up(trx) {
      // when the resource became another department's
      await trx.schema.alterTable('streams', (t) => {
        t.text('given_up_at');
      });
    },
  },
  {
    name: 'exchange-8',
    async up(trx) {
      // of modes without delivery streams, which would tell
      await trx.schema.alterTable('archived_usage', (t) => {
        t.text('provider');
        t.text('consumer');
      });
    },
  },
];

function stream(t: Knex.CreateTableBuilder): void {
  t.text('resource').notNullable();
  t.text('agent').notNullable();
  t.integer('epoch').notNullable();
}

function delivery(t: Knex.CreateTableBuilder): void {
  t.text('agreement').notNullable();
  t.integer('grant_version').notNullable();
  stream(t);
}
