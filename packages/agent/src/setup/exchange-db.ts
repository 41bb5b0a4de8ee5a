import { type CatalogResource, keyItems } from '@qianzhi/model';
import type { Connection, ExchangeDb, ExchangeTables, ExchangeTablesSpec } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import type { KnownOrders } from '../link/known-orders.js';
import type { AgentPlugins } from '../plugins.js';
import { exchangeSubjects } from './plan-exchange.js';
import { proposeConsumeSchedule } from './propose-schedule.js';

/** Names are at most 100 characters long. */
const NAME_CHARACTERS = 100;

export interface WantedExchangeDb {
  readonly connector: string;
  readonly resources: readonly string[];
  /** Undefined: out where the resource is ordered, in where it is granted. */
  readonly side?: ExchangeTablesSpec['side'] | undefined;
}

/** The tables for one resource on one side, and the exchange over them. */
export interface PlannedExchangeTables extends ExchangeTables, ExchangeTablesSpec {
  /** For `exchanges` in agent.yaml, as it stands. */
  readonly exchange: Readonly<Record<string, unknown>>;
}

export interface PlannedExchangeDb {
  readonly connector: string;
  readonly tables: readonly PlannedExchangeTables[];
  /** Names of the plan that the database has already. */
  readonly existing: readonly string[];
}

/**
 * Plans a 前置库 for resources that were ordered or granted, and changes nothing. Throws QZ_AGENT_NOT_ORDERED,
 * _EXCHANGE_DB_UNSUPPORTED, _EXCHANGE_DB_KEYLESS or _EXCHANGE_DB_COLUMN.
 */
export async function planExchangeDb(
  plugins: AgentPlugins,
  orders: KnownOrders,
  wanted: WantedExchangeDb,
  signal: AbortSignal,
): Promise<PlannedExchangeDb> {
  const { connector } = wanted;
  await using connection = await plugins.open(connector, signal);
  const makes = requireExchangeDb(connection, connector);
  const specs = wanted.resources.flatMap((resource) => specsOf(orders, resource, wanted.side));
  const tables = specs.map((spec): PlannedExchangeTables => {
    requireFit(spec.resource);
    const planned = makes.plan(spec);
    return { ...planned, ...spec, exchange: exchangeOf(spec, planned, connector) };
  });
  const existing: string[] = [];
  for (const table of tables.flatMap((each) => each.tables)) {
    if ((await connection.discover({ table }, signal)).length > 0) existing.push(table);
  }
  return { connector, tables, existing };
}

/** Throws QZ_AGENT_EXCHANGE_DB_EXISTS. */
export function requireNew({ connector, existing }: PlannedExchangeDb): void {
  if (existing.length > 0) throw agentErrors.EXCHANGE_DB_EXISTS({ connector, tables: existing.join(', ') });
}

/** Makes what was planned. Throws what the connector throws. */
export async function createExchangeDb(
  plugins: AgentPlugins,
  { connector, tables }: PlannedExchangeDb,
  signal: AbortSignal,
): Promise<void> {
  await using connection = await plugins.open(connector, signal);
  const statements = tables.flatMap((each) => each.statements).map(({ sql }) => sql);
  await requireExchangeDb(connection, connector).create(statements, signal);
}

function requireExchangeDb({ exchangeDb }: Connection, connector: string): ExchangeDb {
  if (!exchangeDb) throw agentErrors.EXCHANGE_DB_UNSUPPORTED({ connector });
  return exchangeDb;
}

function specsOf(
  orders: KnownOrders,
  code: string,
  side: ExchangeTablesSpec['side'] | undefined,
): readonly ExchangeTablesSpec[] {
  const all = exchangeSubjects(orders).map(({ resource, direction }) => ({
    resource,
    side: direction === 'supply' ? ('out' as const) : ('in' as const),
  }));
  const found = all.filter((one) => one.resource.code === code && (side === undefined || one.side === side));
  if (found.length > 0) return found;
  const supplies = { zh: '供给', en: 'supply' };
  const consumes = { zh: '取用', en: 'consume' };
  throw agentErrors.NOT_ORDERED({
    direction: side === 'in' ? consumes : supplies,
    resource: code,
    known: [...new Set(all.map(({ resource }) => resource.code))].join(', ') || '—',
    agent: orders.assignments.agent,
  });
}

function requireFit(resource: CatalogResource): void {
  const { code, items } = resource;
  if (keyItems(resource).length === 0) throw agentErrors.EXCHANGE_DB_KEYLESS({ resource: code });
  const taken = items.find(({ column }) => /^qz_/i.test(column));
  if (taken) throw agentErrors.EXCHANGE_DB_COLUMN({ resource: code, column: taken.column });
}

/** What is supplied has no schedule of its own: it runs by the update cycle. */
function exchangeOf({ side, resource }: ExchangeTablesSpec, { place }: ExchangeTables, connector: string) {
  const name = `db-${side}-${resource.code}`.slice(0, NAME_CHARACTERS);
  if (side === 'out')
    return { name, supply: resource.code, connector, strategy: 'change-table', source: place };
  const { cron } = proposeConsumeSchedule(resource.updateCycle);
  return { name, consume: resource.code, connector, target: place, schedule: { cron } };
}
