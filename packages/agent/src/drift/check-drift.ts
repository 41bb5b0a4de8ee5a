import {
  type Assignments,
  type CatalogResource,
  type Exchange,
  type Finding,
  isSupply,
  tableDrift,
} from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { orderedResource } from '../link/ordered-resource.js';
import type { AgentPlugins } from '../plugins.js';
import { findTable, tableName } from '../setup/find-table.js';

/** A table beside the catalog entry it is read or written by. */
export interface ComparedTable {
  readonly resource: CatalogResource;
  readonly connector: string;
  /** `schema.table` or `table`. */
  readonly table: string;
  readonly side: 'source' | 'target';
  /** Item column → table column, where they differ. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Items that come from no column. */
  readonly constant: readonly string[];
}

export interface TableDrift extends ComparedTable {
  readonly findings: readonly Finding[];
}

/**
 * What an exchange compares, by the newest schema version it was ordered or granted. Throws QZ_AGENT_SUPPLY_UNASSIGNED or
 * _CONSUME_UNGRANTED where it was neither; undefined where its connector reads no tables.
 */
export function comparedTable(exchange: Exchange, assignments: Assignments): ComparedTable | undefined {
  const { name, connector } = exchange;
  const resource = orderedResource(exchange, assignments);
  if (!resource) {
    throw isSupply(exchange)
      ? agentErrors.SUPPLY_UNASSIGNED({ exchange: name, resource: exchange.supply, agent: assignments.agent })
      : agentErrors.CONSUME_UNGRANTED({ exchange: name, resource: exchange.consume });
  }
  const side = isSupply(exchange) ? 'source' : 'target';
  const place = placeOf(exchange);
  return place.table === undefined ? undefined : { resource, connector, side, ...place, table: place.table };
}

/** Table and columns of an exchange's `source` or `target`, as far as it has them. */
export function placeOf(
  exchange: Exchange,
): Pick<ComparedTable, 'mapping' | 'constant'> & { readonly table?: string } {
  const place = (isSupply(exchange) ? exchange.source : exchange.target) as {
    readonly schema?: unknown;
    readonly table?: unknown;
    readonly columns?: Readonly<Record<string, unknown>>;
  } | null;
  const columns = Object.entries(place?.columns ?? {});
  const mapping = Object.fromEntries(
    columns.flatMap(([item, column]) => (typeof column === 'string' ? [[item, column] as const] : [])),
  );
  const constant = columns.flatMap(([item, column]) => (typeof column === 'string' ? [] : [item]));
  if (typeof place?.table !== 'string') return { mapping, constant };
  const schema = typeof place.schema === 'string' ? place.schema : null;
  return { table: tableName({ schema, table: place.table }), mapping, constant };
}

const ofNames: ReadonlySet<string> = new Set(['ADDED', 'DROPPED', 'RENAMED']);

/** Looks at the table as it is now. Throws QZ_AGENT_TABLE_UNKNOWN and what the connector says. */
export async function driftOf(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  compared: ComparedTable,
  signal: AbortSignal,
): Promise<TableDrift> {
  const { connector, table, resource, mapping, side, constant } = compared;
  const found = await findTable(loaded, plugins, connector, table, signal);
  if (!found) throw agentErrors.TABLE_UNKNOWN({ connector, table });
  const findings = tableDrift(resource, found, mapping, side, constant);
  // a file declares no types and lengths: what discover tells of them is a guess from its first rows
  const declared = found.kind === 'file' ? findings.filter(({ code }) => ofNames.has(code)) : findings;
  return { ...compared, findings: declared };
}
