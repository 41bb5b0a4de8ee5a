import type { PlatformClient } from '@qianzhi/client';
import { type CatalogEntry, type Payload, personRoutes } from '@qianzhi/model';

export type CatalogQuery = Omit<Payload<(typeof personRoutes.listCatalog)['query']>, 'after' | 'limit'>;

/** Entries of one answer: some 10 KB each. */
const PAGE = 200;

/** Every entry that the query finds, page by page. A platform of before there were pages answers all of them at once. */
export async function allEntries(
  client: PlatformClient,
  query: CatalogQuery,
  signal: AbortSignal,
): Promise<CatalogEntry[]> {
  const entries: CatalogEntry[] = [];
  for (let after: string | null | undefined; ; ) {
    const page = { ...query, limit: PAGE, ...(after != null && { after }) };
    const { resources, next } = await client.call(personRoutes.listCatalog, { query: page }, signal);
    entries.push(...resources);
    if (next == null) return entries;
    after = next;
  }
}
