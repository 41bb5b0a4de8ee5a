import type { CatalogResource } from '@qianzhi/model';
import type { Knex } from 'knex';
import { insertRows } from '../../database/insert-rows.js';
import { indexItems } from '../duplicates/index-items.js';
import { gramsOf, searchText } from './search-text.js';

/** Pairs of one statement: SQLite takes 32,766 values. */
const AT_ONCE = 5000;
/** Resources of one transaction while the index is filled. */
const CHUNK = 200;

/** The day by which the catalog of a project is to be registered (R014), where one is named; of what is registered none. */
export function acceptanceDay({ project }: CatalogResource): string | undefined {
  return project?.stage === 'pre-compiled' ? (project.acceptedOn ?? project.acceptanceDue) : undefined;
}

/** What the table of resources says of the current revision, for lists and search. */
export function listedColumns(resource: CatalogResource) {
  const { attribute, sharing, kind = null, theme = null, classification = null, project } = resource;
  return {
    attribute,
    sharing,
    kind,
    theme,
    classification,
    project_stage: project?.stage ?? null,
    acceptance_due: acceptanceDay(resource) ?? null,
    search: searchText(resource),
  };
}

/** Replaces what a resource is found by, in the transaction that publishes it. */
export async function indexResource(trx: Knex.Transaction, resource: CatalogResource): Promise<void> {
  const { code } = resource;
  const wanted = gramsOf(searchText(resource));
  const rows: readonly { gram: string }[] = await trx('resource_grams').where({ code }).select('gram');
  const held = new Set(rows.map(({ gram }) => gram));
  const gone = [...held].filter((gram) => !wanted.has(gram));
  for (let at = 0; at < gone.length; at += AT_ONCE) {
    await trx('resource_grams')
      .where({ code })
      .whereIn('gram', gone.slice(at, at + AT_ONCE))
      .delete();
  }
  const added = [...wanted].filter((gram) => !held.has(gram)).map((gram) => ({ gram, code }));
  await insertRows(trx, 'resource_grams', added);
}

/**
 * Indexes what was published before there was an index, or was restored from a backup, which holds none. Killed anywhere it goes on
 * with the next start.
 */
export async function fillIndex(db: Knex): Promise<void> {
  for (let after = ''; ; ) {
    const rows: readonly { code: string; document: string }[] = await db('resources')
      .join('resource_revisions', (on) => {
        on.on('resource_revisions.code', 'resources.code');
        on.andOn('resource_revisions.revision', 'resources.revision');
      })
      .where('resources.code', '>', after)
      .whereNotExists(
        db('resource_grams').select(db.raw('1')).whereRaw('resource_grams.code = resources.code'),
      )
      .orderBy('resources.code')
      .limit(CHUNK)
      .select('resources.code', 'document');
    const last = rows.at(-1);
    if (!last) return;
    await db.transaction(async (trx) => {
      for (const { code, document } of rows) {
        const resource = JSON.parse(document) as CatalogResource;
        await trx('resources').where({ code }).update(listedColumns(resource));
        await indexResource(trx, resource);
        await indexItems(trx, resource);
      }
    });
    after = last.code;
  }
}
