import type { CatalogEntry } from '../protocol/catalog-routes.js';
import { type RegionLevel, regionLevel } from './region.js';
import type { CatalogResource } from './resource.js';

/** Of whose catalog, as of when. */
export interface SummaryOf {
  readonly platform: string;
  readonly region: string | undefined;
  readonly asOf: string;
  readonly departments: readonly { readonly id: string; readonly name: string; readonly uscc?: string }[];
}

/** What is told of a resource as its entry has it. */
const told = [
  'code',
  'name',
  'summary',
  'department',
  'providerCode',
  'nationalCode',
  'classification',
  'attribute',
  'kind',
  'sharing',
  'openness',
  'updateCycle',
  'schemaVersion',
] as const satisfies readonly (keyof CatalogResource)[];
type Told = Pick<CatalogResource, (typeof told)[number]>;

export interface SummarisedResource extends Told {
  readonly region: string | undefined;
  readonly items: number;
  readonly publishedAt: string;
  /** Reported by the superior's system (R139): the upper resource. */
  readonly reportedAs?: string;
  /** Of the whole entry: tells the upper platform what has changed since the summary before. */
  readonly digest: string;
}

/** A catalog as the upper platform takes it in (R019): what there is and whose it is, without items. */
export interface CatalogSummary {
  readonly catalogSummary: 1;
  readonly platform: string;
  readonly region: string | null;
  readonly level: RegionLevel | null;
  readonly asOf: string;
  readonly totals: {
    readonly resources: number;
    readonly items: number;
    readonly sharing: Readonly<Record<CatalogResource['sharing'], number>>;
    readonly attribute: Readonly<Record<CatalogResource['attribute'], number>>;
  };
  readonly departments: readonly {
    readonly id: string;
    readonly name: string;
    readonly uscc: string | null;
    readonly resources: number;
  }[];
  readonly resources: readonly SummarisedResource[];
}

/** In the order of codes: the same catalog gives the same summary. An entry without a region is of the platform's own. */
export function summariseCatalog(
  entries: readonly CatalogEntry[],
  { platform, region, asOf, departments }: SummaryOf,
  digestOf: (resource: CatalogResource) => string,
): CatalogSummary {
  const resources = entries
    .map(({ resource, publishedAt, waiver }) => ({
      ...(Object.fromEntries(
        told.flatMap((field) => (field in resource ? [[field, resource[field]]] : [])),
      ) as Told),
      region: resource.region ?? region,
      items: resource.items.length,
      publishedAt,
      ...(waiver && { reportedAs: waiver.upper }),
      digest: digestOf(resource),
    }))
    .toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const numbers = <V extends string>(values: readonly V[], of: (resource: Told) => V) =>
    Object.fromEntries(
      values.map((value) => [value, resources.filter((resource) => of(resource) === value).length]),
    ) as Record<V, number>;
  return {
    catalogSummary: 1,
    platform,
    region: region ?? null,
    level: region === undefined ? null : regionLevel(region),
    asOf,
    totals: {
      resources: resources.length,
      items: resources.reduce((sum, { items }) => sum + items, 0),
      sharing: numbers(['unconditional', 'conditional', 'none'], (one) => one.sharing),
      attribute: numbers(['basic', 'theme', 'department'], (one) => one.attribute),
    },
    departments: departments
      .map(({ id, name, uscc }) => ({
        id,
        name,
        uscc: uscc ?? null,
        resources: resources.filter(({ department }) => department === id).length,
      }))
      .filter((one) => one.resources > 0),
    resources,
  };
}
