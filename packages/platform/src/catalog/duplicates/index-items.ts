import { type CatalogResource, comparableNames } from '@qianzhi/model';
import type { Knex } from 'knex';

/** Replaces the names that a resource is compared by, in the transaction that publishes it. */
export async function indexItems(trx: Knex.Transaction, resource: CatalogResource): Promise<void> {
  const { code } = resource;
  await trx('resource_items').where({ code }).delete();
  await trx('resource_items').insert([...comparableNames(resource)].map((name) => ({ name, code })));
}
