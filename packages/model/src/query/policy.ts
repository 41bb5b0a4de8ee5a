import type { Grant } from '../agreement/agreement.js';
import type { QueryService } from '../catalog/query-service.js';
import type { CatalogResource } from '../catalog/resource.js';
import type { Lookup } from './request.js';

/** Items of a service that the grant covers, in item order: nothing else is read for it. */
export function answeredItems({ items }: CatalogResource, service: QueryService, grant: Grant): string[] {
  return items
    .map(({ column }) => column)
    .filter((column) => service.items.includes(column) && grant.items.includes(column));
}

export interface ParameterProblem {
  readonly parameter: string;
  readonly problem: 'unknown' | 'not-granted';
}

/**
 * The first parameter that may not be given under the grant. An item that is not granted, or not in clear, is no parameter either: by
 * asking with one value after the other it could be found out, and a pseudonym be told apart.
 */
export function parameterProblem(
  { parameters }: QueryService,
  grant: Grant,
  lookups: readonly Lookup[],
): ParameterProblem | undefined {
  const given = new Set<string>();
  for (const lookup of lookups) {
    for (const [name, value] of Object.entries(lookup)) if (value !== null) given.add(name);
  }
  for (const name of given) {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter) return { parameter: name, problem: 'unknown' };
    const { item } = parameter;
    if (item !== undefined && (!grant.items.includes(item) || Object.hasOwn(grant.masks, item)))
      return { parameter: name, problem: 'not-granted' };
  }
  return undefined;
}
