import { type Grant, holdsFiles } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { CatalogService } from '../ports.js';
import { type StreamRow, streamsOfResource } from './stream-table.js';

/**
 * What a grant is supplied from, by agent, then epoch: the streams of its provider. What was supplied before the resource
 * became another's is rows of then, which the new one's first whole copy takes the place of; files of then are files still.
 */
export async function streamsUnder(
  db: Knex,
  catalog: Pick<CatalogService, 'current'>,
  { resource: code, provider }: Pick<Grant, 'resource' | 'provider'>,
): Promise<readonly StreamRow[]> {
  const streams = await streamsOfResource(db, code);
  const own = streams.filter((one) => one.department === provider && one.given_up_at === null);
  if (own.length === streams.length) return own;
  const resource = await catalog.current(code);
  return resource && holdsFiles(resource) ? streams : own;
}
