import {
  type CatalogResource,
  type LocalQuery,
  parameterItem,
  type QueryService,
  queryName,
} from '@qianzhi/model';
import type { PreparedQuery, QueryPlace } from '@qianzhi/plugin-api';
import { projectedResource } from '@qianzhi/rows';
import { queryModeErrors } from './errors.js';

/**
 * The whole question as the config has it, every item that the service may answer: so that all who ask share its sessions. What is not
 * granted is taken off in this process. `scope` names items that a row scope looks at: they are read, too.
 */
export function prepare(
  local: LocalQuery,
  resource: CatalogResource,
  scope: readonly string[] = [],
): PreparedQuery {
  const service = resource.queries?.find(({ name }) => name === local.service);
  if (!service) {
    const known = resource.queries?.map(({ name }) => name).join(', ') || '—';
    throw queryModeErrors.SERVICE_UNPUBLISHED({ resource: resource.code, service: local.service, known });
  }
  const more = scope.filter((column) => !service.items.includes(column)).toSorted();
  const byScope = keys.get(service) ?? new Map<string, Prepared>();
  keys.set(service, byScope);
  const known = byScope.get(more.join());
  if (known?.local === local) return known.prepared;
  const spec = {
    resource: projectedResource(resource, [...service.items, ...more]),
    parameters: service.parameters.map((parameter) => parameterItem(resource.items, parameter)),
    place: placeOf(local, service),
    timeoutMs: local.timeoutMs,
  };
  const prepared = { spec, key: JSON.stringify([local, spec]) };
  if (byScope.size >= MAX_SCOPES) byScope.clear();
  byScope.set(more.join(), { local, prepared });
  return prepared;
}

/** By the service of the orders at hand: they and the config stay the same objects until they change. */
const keys = new WeakMap<QueryService, Map<string, Prepared>>();
const MAX_SCOPES = 50;

interface Prepared {
  readonly local: LocalQuery;
  readonly prepared: PreparedQuery;
}

/** A question is asked in one of two ways. */
export function check(local: LocalQuery): void {
  const { lookup, statement, by } = local;
  if ((lookup === undefined) === (statement === undefined) || (statement !== undefined && by))
    throw queryModeErrors.PLACE_UNCLEAR({ service: queryName(local) });
}

function placeOf(local: LocalQuery, service: QueryService): QueryPlace {
  check(local);
  const { lookup, statement, by = {} } = local;
  const name = queryName(local);
  if (statement !== undefined) return { kind: 'statement', statement };
  const { columns = {} } = lookup as { columns?: Readonly<Record<string, unknown>> };
  const named = service.parameters.map((parameter): [string, string] => {
    const own = Object.hasOwn(by, parameter.name) ? by[parameter.name] : undefined;
    const { item } = parameter;
    const mapped = item !== undefined && Object.hasOwn(columns, item) ? columns[item] : item;
    if (own === undefined && typeof mapped !== 'string')
      throw queryModeErrors.COLUMN_UNNAMED({ service: name, parameter: parameter.name });
    return [parameter.name, own ?? (mapped as string)];
  });
  return { kind: 'lookup', source: lookup, by: Object.fromEntries(named) };
}
