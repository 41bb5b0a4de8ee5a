import type { Migration } from '../server/migrate.js';

export const catalogMigrations: readonly Migration[] = [
  {
    name: 'catalog-1',
    async up(trx) {
      await trx.schema.createTable('resources', (table) => {
        table.string('code').primary();
        table.string('department').notNullable().references('id').inTable('departments').index();
        table.integer('revision').notNullable();
        table.text('search').notNullable();
      });
      // Every publication is kept. `basis`: the revision since which only words have changed.
      await trx.schema.createTable('resource_revisions', (table) => {
        table.string('code').notNullable().references('code').inTable('resources');
        table.integer('revision').notNullable();
        table.integer('schema_version').notNullable();
        table.integer('basis').notNullable();
        table.text('document').notNullable();
        table.string('published_by').notNullable();
        table.string('published_at').notNullable();
        table.primary(['code', 'revision']);
      });
      await trx.schema.createTable('secrecy_reviews', (table) => {
        table.increments('seq');
        table.string('id').notNullable().unique();
        table.string('code').notNullable().references('code').inTable('resources').index();
        table.integer('revision').notNullable();
        table.integer('schema_version').notNullable();
        table.string('result').notNullable();
        table.text('note').notNullable();
        table.string('reviewer').notNullable();
        table.string('reviewed_at').notNullable();
      });
      await trx.schema.createTable('supply_duties', (table) => {
        table.increments('seq');
        table.string('id').notNullable().unique();
        table.string('resource').notNullable().references('code').inTable('resources');
        table.string('agent').notNullable().references('agent').inTable('agents').index();
        table.string('review').notNullable().references('id').inTable('secrecy_reviews');
        table.text('document').notNullable();
        table.string('ended_at');
        table.index(['resource', 'agent']);
      });
    },
  },
];
