import type { Assignments, CatalogResource, Exchange } from '@qianzhi/model';

/** The resource of an exchange at the newest schema version, and as granted; undefined where neither ordered nor granted. */
export function orderedResource(
  exchange:
    | Exchange
    | { readonly supply: string }
    | { readonly consume: string; readonly agreement?: string | undefined },
  { supply, consume }: Assignments,
): CatalogResource | undefined {
  if ('supply' in exchange) {
    return supply.find(({ duty }) => duty.body.resource === exchange.supply)?.resource;
  }
  const granted = consume.filter(
    ({ grant: { body } }) =>
      body.resource === exchange.consume &&
      (exchange.agreement === undefined || body.agreement === exchange.agreement),
  );
  const offered = granted.flatMap(({ resources }) => resources);
  return offered.toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
}
