import type { CatalogResource } from '@qianzhi/model';
import type { QueryPlace, QuerySpec } from '@qianzhi/plugin-api';
import { queryErrors } from './errors.js';

type Lookup = Extract<QueryPlace, { kind: 'lookup' }>;

/** The `source` of a lookup for the items that are answered: what it says of the resource's other items is not needed. */
export function lookupSource(place: Lookup, { items }: CatalogResource): unknown {
  const source = structuredClone(place.source) as Record<string, unknown>;
  for (const about of ['columns', 'timeFormats'] as const) {
    const mapping = source[about];
    if (mapping === null || typeof mapping !== 'object') continue;
    const wanted = Object.entries(mapping).filter(([item]) => items.some(({ column }) => column === item));
    source[about] = Object.fromEntries(wanted);
  }
  return source;
}

/** The error of a column that a parameter cannot be compared with. */
export function unfitLookup(table: string, column: string, parameter: string) {
  return (zh: string, en: string) =>
    queryErrors.LOOKUP_UNFIT({ table, column, parameter, problem: { zh, en } });
}

/** A statement and the positions, among the spec's parameters, of the values for its places. */
export interface Asked {
  readonly sql: string;
  readonly places: readonly number[];
}

/**
 * What is run for a set of values: of a lookup one statement for each combination of parameters that are given, kept; of a statement
 * always the same.
 */
export function askedFor(
  make: (given: readonly number[]) => Asked,
): (values: readonly (string | null)[]) => Asked {
  const known = new Map<string, Asked>();
  return (values) => {
    const given = values.flatMap((value, at) => (value === null ? [] : [at]));
    const name = given.join();
    let asked = known.get(name);
    if (!asked) {
      asked = make(given);
      known.set(name, asked);
    }
    return asked;
  };
}

/** Positions of named parameters among the spec's. */
export function placesOf({ parameters }: Pick<QuerySpec, 'parameters'>, names: readonly string[]): number[] {
  return names.map((name) => parameters.findIndex(({ column }) => column === name));
}
