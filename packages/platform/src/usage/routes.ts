import { personRoutes } from '@qianzhi/model';
import { sightOf } from '../exchange/sight.js';
import type { Api } from '../server/serve.js';
import type { UsageListings } from './listings.js';

export function bindUsage(api: Api, listings: UsageListings): void {
  api.servePerson(personRoutes.listOperations, async ({ caller, query }) => ({
    operations: await listings.operations(sightOf(caller), query),
  }));
  api.servePerson(personRoutes.listUsage, async ({ caller, query }) => ({
    usage: await listings.usage(sightOf(caller), query),
  }));
}
