import { type CatalogItem, type CatalogResource, isSupply, type SupplyExchange } from '@qianzhi/model';
import type { SourceSpec, TableDescription } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { readIdentity } from '../identity/identity-file.js';
import { readAssignments } from '../link/assignments-file.js';
import { orderedResource } from '../link/ordered-resource.js';
import type { AgentPlugins } from '../plugins.js';
import { rowValues } from './row-values.js';
import { tableResource } from './table-resource.js';

/** A few rows of a source as the exchange would read them. Holds values: for the operator's own terminal, never for a log. */
export interface Preview {
  readonly columns: readonly PreviewColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows among them that the source could not put into row text. */
  readonly rejected: number;
}

export interface PreviewColumn {
  readonly column: string;
  readonly name: string;
  readonly type: string;
  /** Personal or sensitive by the catalog; of a table without catalog entry, every column may be. */
  readonly sensitive: boolean;
}

const BLOCK_BYTES = 64 * 1024;
const MASK = '***';

/** The same rows with the values of sensitive columns hidden; what is null stays null. */
export function maskedPreview(preview: Preview): Preview {
  const rows = preview.rows.map((row) =>
    row.map((value, index) => (value !== null && preview.columns[index]?.sensitive ? MASK : value)),
  );
  return { ...preview, rows };
}

/**
 * The first rows of a supply exchange's source, by the catalog resource it was last ordered to supply. Throws
 * QZ_AGENT_EXCHANGE_UNKNOWN, _PREVIEW_CONSUMES, _PREVIEW_FILES, _NOT_ENROLLED, _SUPPLY_UNASSIGNED and what the connector says.
 */
export async function previewExchange(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  name: string,
  limit: number,
  signal: AbortSignal,
): Promise<Preview> {
  const exchange = loaded.config.exchanges.find((each) => each.name === name);
  if (!exchange) {
    const known = loaded.config.exchanges.map((each) => each.name).join(', ') || '—';
    throw agentErrors.EXCHANGE_UNKNOWN({ exchange: name, known });
  }
  if (!isSupply(exchange)) throw agentErrors.PREVIEW_CONSUMES({ exchange: name });
  if (exchange.strategy === 'files') throw agentErrors.PREVIEW_FILES({ exchange: name });
  const resource = await resourceToSupply(loaded, exchange);
  const { read } = plugins.connector(exchange.connector).capabilities;
  const strategy = exchange.strategy === 'diff' || read.includes('snapshot') ? 'snapshot' : exchange.strategy;
  const sensitive = (item: CatalogItem) => item.sensitivity !== undefined;
  const spec: SourceSpec = { resource, strategy, source: exchange.source };
  return readSome(plugins, exchange.connector, spec, sensitive, limit, signal);
}

/** The first rows of a table. Throws QZ_AGENT_CONNECTOR_UNKNOWN, _TABLE_UNKNOWN and what the connector says. */
export async function previewTable(
  plugins: AgentPlugins,
  connector: string,
  table: string,
  limit: number,
  signal: AbortSignal,
): Promise<Preview> {
  const { sourceSchema } = plugins.connector(connector);
  const description = await describeTable(plugins, connector, table, signal);
  const source = plugins.host.checkConfig(sourceSchema, { table }, '--table');
  const spec: SourceSpec = { resource: tableResource(description), strategy: 'snapshot', source };
  return readSome(plugins, connector, spec, () => true, limit, signal);
}

async function resourceToSupply(loaded: LoadedConfig, exchange: SupplyExchange): Promise<CatalogResource> {
  const identity = await readIdentity(loaded.stateDir);
  if (!identity) throw agentErrors.NOT_ENROLLED({ stateDir: loaded.stateDir });
  const assignments = await readAssignments(loaded.stateDir, identity.platformKeys);
  const found = assignments && orderedResource(exchange, assignments);
  if (found) return found;
  throw agentErrors.SUPPLY_UNASSIGNED({
    exchange: exchange.name,
    resource: exchange.supply,
    agent: identity.agent,
  });
}

async function describeTable(
  plugins: AgentPlugins,
  connector: string,
  table: string,
  signal: AbortSignal,
): Promise<TableDescription> {
  await using connection = await plugins.open(connector, signal);
  const [found] = await connection.discover({ table }, signal);
  if (!found) throw agentErrors.TABLE_UNKNOWN({ connector, table });
  return found;
}

async function readSome(
  plugins: AgentPlugins,
  connector: string,
  spec: SourceSpec,
  sensitive: (item: CatalogItem) => boolean,
  limit: number,
  signal: AbortSignal,
): Promise<Preview> {
  await using connection = await plugins.open(connector, signal);
  await using source = await connection.source(spec, signal);
  const rows: (string | null)[][] = [];
  let rejected = 0;
  for await (const block of source.read(undefined, { blockBytes: BLOCK_BYTES, maxRows: limit }, signal)) {
    if (block.kind !== 'rows') continue;
    rows.push(...rowValues(block.bytes));
    rejected += block.rejected.length;
    if (rows.length >= limit) break;
  }
  const columns = spec.resource.items.map((item) => ({
    column: item.column,
    name: item.name,
    type: item.type,
    sensitive: sensitive(item),
  }));
  return { columns, rows: rows.slice(0, limit), rejected };
}
