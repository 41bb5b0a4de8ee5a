import {
  type CatalogResource,
  comparableNames,
  LEAST_COMMON_NAMES,
  LEAST_PERCENT,
  likeness,
  looksDuplicate,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import { currentRevision } from '../store.js';

/** Of each publication, the likest are looked at; more would be a template that everybody filled in. */
const MOST_CANDIDATES = 50;

/**
 * R039: records which resources of other departments the published one looks the same as. A pair that no longer does is forgotten, or
 * kept as history once it was decided.
 */
export async function noteDuplicates(
  trx: Knex.Transaction,
  resource: CatalogResource,
  at: string,
): Promise<void> {
  const { code } = resource;
  const pairsOf = () =>
    trx('duplicate_supplies').where((pair) => pair.where({ first: code }).orWhere({ second: code }));
  await pairsOf().whereNull('decided_at').delete();
  await pairsOf().update({ alike: 0 });
  for (const other of await candidates(trx, resource)) {
    const like = likeness(resource, other);
    if (!looksDuplicate(like)) continue;
    const [first, second] = [code, other.code].sort();
    const found = { common: like.common, percent: like.percent, alike: 1 };
    await trx('duplicate_supplies')
      .insert({ first, second, ...found, found_at: at })
      .onConflict(['first', 'second'])
      .merge(found);
  }
}

async function candidates(trx: Knex.Transaction, resource: CatalogResource): Promise<CatalogResource[]> {
  const names = [...comparableNames(resource)];
  const least = Math.max(LEAST_COMMON_NAMES, Math.ceil((names.length * LEAST_PERCENT) / 100));
  if (names.length < least) return [];
  const rows: readonly { code: string }[] = await trx('resource_items')
    .join('resources', 'resources.code', 'resource_items.code')
    .whereIn('resource_items.name', names)
    .whereNot('resources.department', resource.department)
    .groupBy('resource_items.code')
    .havingRaw('count(*) >= ?', [least])
    .orderByRaw('count(*) desc, resource_items.code')
    .limit(MOST_CANDIDATES)
    .select('resource_items.code');
  const found: CatalogResource[] = [];
  for (const { code } of rows) {
    const revision = await currentRevision(trx, code);
    if (revision) found.push(revision.resource);
  }
  return found;
}
