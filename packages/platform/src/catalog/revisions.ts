import { asExchanged, type CatalogResource, compareSchemas, queriesGrew } from '@qianzhi/model';
import { canonicalBytes } from '@qianzhi/model/crypto';

export interface NextRevision {
  readonly schemaVersion: number;
  /** Only words differ: the secrecy review of the revision before still speaks of the same data. */
  readonly wordsOnly: boolean;
}

/**
 * What publishing `after` over `before` makes: words change neither rows nor secrecy; a change of items makes the
 * next schema version; any other change (openness, subject, a query service that shows more) keeps the version and needs a
 * new review.
 */
export function nextRevision(before: CatalogResource, after: CatalogResource): NextRevision {
  const wordsOnly =
    same(withoutWords(before), withoutWords(after)) &&
    !queriesGrew(before.queries ?? [], after.queries ?? []);
  const itemsChanged = !wordsOnly && compareSchemas(before, after).changes.length > 0;
  return { schemaVersion: before.schemaVersion + (itemsChanged ? 1 : 0), wordsOnly };
}

export function same(a: unknown, b: unknown): boolean {
  return Buffer.from(canonicalBytes(a)).equals(canonicalBytes(b));
}

/** What decides rows, sharing and secrecy: names, descriptions, labels, the update cycle and query services left out, and all that only the catalog says. */
function withoutWords(resource: CatalogResource): unknown {
  const { name, summary, sharingCondition, updateCycle, schemaVersion, items, codeTables, queries, ...rest } =
    asExchanged(resource);
  // what an item is open to the public by is no word
  const openness = resource.items.map((item) => item.openness ?? null);
  const codes = Object.entries(codeTables ?? {}).map(([table, labels]) => [
    table,
    Object.keys(labels).sort(),
  ]);
  return {
    ...rest,
    openness: [rest.openness, ...openness],
    items: items.map(({ name: _, ...item }) => item),
    codeTables: Object.fromEntries(codes),
  };
}
