import type { Assignments, CatalogResource, Grant, QueryService } from '@qianzhi/model';
import type { FeedInfo } from '../../received/feed.js';
import { allows } from '../keys/scope.js';

/** What the API is about: resources by what may be done with them here, as orders, grants and config have it now. */
export interface ApiSubject {
  /** In full, as this agent supplies them. */
  readonly push: readonly CatalogResource[];
  /** As granted. */
  readonly read: readonly CatalogResource[];
  readonly query: readonly { readonly resource: CatalogResource; readonly service: QueryService }[];
}

export function subjectOf(
  orders: Assignments | undefined,
  push: readonly CatalogResource[],
  feeds: readonly Pick<FeedInfo, 'resource'>[],
): ApiSubject {
  const granted = orders?.consume ?? [];
  const received = new Set(feeds.map(({ resource }) => resource));
  const read = granted.flatMap(({ resources }) => newest(resources) ?? []);
  const asked = granted.filter(({ grant }) => isAsked(grant.body));
  return {
    push,
    read: unique(read.filter(({ code }) => received.has(code))),
    query: unique(asked.flatMap(({ resources }) => newest(resources) ?? [])).flatMap((resource) =>
      (resource.queries ?? []).map((service) => ({ resource, service })),
    ),
  };
}

/** What one key may do. */
export function withinScopes({ push, read, query }: ApiSubject, scopes: readonly string[]): ApiSubject {
  return {
    push: push.filter(({ code }) => allows(scopes, 'push', code)),
    read: read.filter(({ code }) => allows(scopes, 'read', code)),
    query: query.filter(({ resource }) => allows(scopes, 'query', resource.code)),
  };
}

function isAsked({ modes }: Grant): boolean {
  return modes.includes('online-query');
}

function newest(resources: readonly CatalogResource[]): CatalogResource | undefined {
  return resources.toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
}

/** Several agreements on one resource: that with the most items. */
function unique(resources: readonly CatalogResource[]): readonly CatalogResource[] {
  const byCode = new Map<string, CatalogResource>();
  for (const resource of resources) {
    const known = byCode.get(resource.code);
    if (!known || known.items.length < resource.items.length) byCode.set(resource.code, resource);
  }
  return [...byCode.values()];
}
