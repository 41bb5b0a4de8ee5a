import { type CatalogResource, comparableNames } from '@qianzhi/model';
import type { Knex } from 'knex';
import { insertRows } from '../../database/insert-rows.js';

/** Replaces the names that a resource is compared by, in the transaction that publishes it. */
export async function indexItems(trx: Knex.Transaction, resource: CatalogResource): Promise<void> {
  const { code } = resource;
  await trx('resource_items').where({ code }).delete();
  const rows = [...comparableNames(resource)].map((name) => ({ name, code }));
  await insertRows(trx, 'resource_items', rows);
}
