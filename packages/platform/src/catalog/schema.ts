import type { CatalogResource } from '@qianzhi/model';
import type { Migration } from '../database/migrate.js';

export const catalogMigrations: readonly Migration[] = [
  {
    name: 'catalog-1',
    async up(trx) {
      await trx.schema.createTable('resources', (table) => {
        table.text('code').primary();
        table.text('department').notNullable().references('id').inTable('departments').index();
        table.integer('revision').notNullable();
        table.text('search').notNullable();
      });
      // Every publication is kept. `basis`: the revision since which only words have changed.
      await trx.schema.createTable('resource_revisions', (table) => {
        table.text('code').notNullable().references('code').inTable('resources');
        table.integer('revision').notNullable();
        table.integer('schema_version').notNullable();
        table.integer('basis').notNullable();
        table.text('document').notNullable();
        table.text('published_by').notNullable();
        table.text('published_at').notNullable();
        table.primary(['code', 'revision']);
      });
      await trx.schema.createTable('secrecy_reviews', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('code').notNullable().references('code').inTable('resources').index();
        table.integer('revision').notNullable();
        table.integer('schema_version').notNullable();
        table.text('result').notNullable();
        table.text('note').notNullable();
        table.text('reviewer').notNullable();
        table.text('reviewed_at').notNullable();
      });
      await trx.schema.createTable('supply_duties', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('resource').notNullable().references('code').inTable('resources');
        table.text('agent').notNullable().references('agent').inTable('agents').index();
        table.text('review').notNullable().references('id').inTable('secrecy_reviews');
        table.text('document').notNullable();
        table.text('ended_at');
        table.index(['resource', 'agent']);
      });
    },
  },
  {
    name: 'catalog-search-1',
    async up(trx) {
      await trx.schema.alterTable('resources', (table) => {
        table.text('attribute');
        table.text('sharing');
      });
      // Pairs of neighbouring characters of what a resource is found by; filled at the start for what is there (search/index-text.ts).
      await trx.schema.createTable('resource_grams', (table) => {
        table.text('gram').notNullable();
        table.text('code').notNullable().references('code').inTable('resources').index();
        table.primary(['gram', 'code']);
      });
    },
  },
  {
    name: 'catalog-search-2',
    async up(trx) {
      // what else lists are filtered by
      await trx.schema.alterTable('resources', (table) => {
        for (const column of ['kind', 'theme', 'classification', 'project_stage', 'acceptance_due'])
          table.text(column);
      });
      for (let after = ''; ; ) {
        const rows: readonly { code: string; document: string }[] = await trx('resources')
          .join('resource_revisions', (on) => {
            on.on('resource_revisions.code', 'resources.code');
            on.andOn('resource_revisions.revision', 'resources.revision');
          })
          .where('resources.code', '>', after)
          .orderBy('resources.code')
          .limit(500)
          .select('resources.code', 'document');
        const last = rows.at(-1);
        if (!last) return;
        for (const { code, document } of rows) {
          const { kind, theme, classification, project } = JSON.parse(document) as CatalogResource;
          if (!(kind || theme || classification || project)) continue;
          await trx('resources')
            .where({ code })
            .update({
              kind: kind ?? null,
              theme: theme ?? null,
              classification: classification ?? null,
              project_stage: project?.stage ?? null,
            });
        }
        after = last.code;
      }
    },
  },
];
