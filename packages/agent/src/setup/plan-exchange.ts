import { type CatalogResource, isSupply, type ReadStrategy, type SupplyExchange } from '@qianzhi/model';
import type { CheckNote, Connector } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import { logFollowers } from '../doctor/log-followers.js';
import { agentErrors } from '../errors.js';
import type { KnownOrders } from '../link/known-orders.js';
import { orderedResource } from '../link/ordered-resource.js';
import type { AgentPlugins } from '../plugins.js';
import { maskedPreview, type Preview, previewExchange } from '../preview/preview.js';
import { type ConfigChange, planChange, type SetupContext } from './config-change.js';
import { type ConfigField, fieldsOf, nested } from './config-fields.js';
import { usualSchema } from './find-table.js';
import { type ColumnMatch, columnMapping } from './match-columns.js';

/** What an exchange is about: a resource to supply or to consume. */
export interface ExchangeSubject {
  readonly direction: 'supply' | 'consume';
  readonly resource: CatalogResource;
}

/** All that this agent was ordered to supply and granted to consume, each resource once and as it is now. */
export function exchangeSubjects({ assignments }: KnownOrders): ExchangeSubject[] {
  const codes = new Set(assignments.consume.map(({ grant }) => grant.body.resource));
  const consumed = [...codes].flatMap((consume) => orderedResource({ consume }, assignments) ?? []);
  return [
    ...assignments.supply.map(({ resource }) => ({ direction: 'supply' as const, resource })),
    ...consumed.map((resource) => ({ direction: 'consume' as const, resource })),
  ];
}

export interface WantedExchange extends ExchangeSubject {
  readonly name: string;
  readonly connector: string;
  readonly agreement?: string | undefined;
  readonly table: string;
  /** As discovered; null before a target is made. */
  readonly schema: string | null;
  readonly matches: readonly ColumnMatch[];
  readonly strategy?: ReadStrategy | undefined;
  readonly watermark?: string | undefined;
  /** The target is made from the catalog. */
  readonly create: boolean;
  readonly cron: string | undefined;
  /** Both sides keep running, without a schedule. */
  readonly continuous?: boolean | undefined;
  /** Further fields of the connector's source or target schema. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Plans an exchange's block, writing nothing. Throws what is wrong with it by the config's and the connector's schemas. */
export async function planExchange(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  wanted: WantedExchange,
  context: SetupContext,
): Promise<ConfigChange & { readonly block: object }> {
  const { config, file } = loaded;
  const { name, connector, resource, direction, agreement, strategy, cron, continuous = false } = wanted;
  if (config.exchanges.some((exchange) => exchange.name === name))
    throw agentErrors.NAME_TAKEN({ name, list: 'exchanges' });
  const place = placeOf(plugins.connector(connector), usualSchema(loaded, plugins, connector), wanted);
  const block = {
    name,
    [direction]: resource.code,
    ...(agreement !== undefined && { agreement }),
    connector,
    ...(direction === 'supply' && { strategy, source: place }),
    ...(direction === 'consume' && { target: place }),
    ...(cron !== undefined && { schedule: { cron } }),
    // left out, a supply would run by the update cycle
    ...(cron === undefined && direction === 'supply' && !continuous && { schedule: {} }),
    ...(continuous && { modeOptions: { continuous } }),
  };
  const change = await planChange(file, { list: 'exchanges', value: block }, context);
  return { ...change, block };
}

/** `source` or `target`: what the connector's schema has a word for, and no more than differs from its defaults. */
function placeOf(
  connector: Connector,
  usual: string | undefined,
  { direction, table, schema, matches, strategy, watermark, create, values }: WantedExchange,
): Record<string, unknown> {
  const fields = connectorPlaceFields(connector, direction);
  const has = (key: string) => fields.some((field) => field.key === key || field.key.startsWith(`${key}.`));
  const columns = columnMapping(matches);
  const found: [string, unknown][] = [];
  if (has('schema') && schema !== null && schema !== usual) found.push(['schema', schema]);
  if (has('table')) found.push(['table', table]);
  if (has('columns') && Object.keys(columns).length > 0) found.push(['columns', columns]);
  if (strategy === 'watermark' && watermark !== undefined) found.push(['watermark.column', watermark]);
  if (create && has('create')) found.push(['create', true]);
  return nested([...found, ...values]);
}

/** What a planned exchange would do: the first rows of its source, sensitive values hidden, or its target tried. */
export interface TriedExchange {
  readonly preview: Preview | undefined;
  readonly notes: readonly CheckNote[];
}

/** Opens source or target of a planned exchange as the next run does. Throws what keeps it from running. */
export async function tryExchange(
  { loaded, plugins }: ConfigChange,
  { resource }: ExchangeSubject,
  rows: number,
  signal: AbortSignal,
): Promise<TriedExchange> {
  const exchange = loaded.config.exchanges.at(-1)!;
  if (isSupply(exchange)) {
    await openSource(loaded, plugins, exchange, resource, signal);
    const preview = await previewExchange(loaded, plugins, exchange.name, rows, signal);
    return { preview: maskedPreview(preview), notes: [] };
  }
  await using connection = await plugins.open(exchange.connector, signal);
  const spec = { exchange: exchange.name, resource, target: exchange.target };
  return { preview: undefined, notes: (await connection.tryTarget?.(spec, signal)) ?? [] };
}

/** As a run opens it; a preview reads every table as a copy, and does not see what is wrong with its strategy. */
async function openSource(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  { connector, strategy, source, supply }: SupplyExchange,
  resource: CatalogResource,
  signal: AbortSignal,
): Promise<void> {
  if (strategy === 'files') return;
  await using connection = await plugins.open(connector, signal);
  const alongside = strategy === 'log' && (await logFollowers(loaded, connector, supply));
  const spec = {
    resource,
    strategy: strategy === 'diff' ? ('snapshot' as const) : strategy,
    source,
    ...(alongside && { alongside }),
  };
  await using _opened = await connection.source(spec, signal);
}

/** The fields of a connector's `source` or `target`. */
export function connectorPlaceFields(
  { sourceSchema, targetSchema }: Connector,
  direction: ExchangeSubject['direction'],
): ConfigField[] {
  return fieldsOf(direction === 'supply' ? sourceSchema : targetSchema);
}
