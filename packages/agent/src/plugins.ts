import { resolve } from 'node:path';
import { type Exchange, isSupply, type LocalQuery, queryName } from '@qianzhi/model';
import type { Connection, Connector, ExchangeMode, PluginContext, PluginLog } from '@qianzhi/plugin-api';
import { createPluginHost, installationRoots, type PluginHost } from '@qianzhi/plugin-host';
import { checkWebhooks } from './config/check-webhooks.js';
import type { LoadedConfig } from './config/load.js';
import { attempt, type Report, stopAtFirst } from './config/report.js';
import { agentErrors } from './errors.js';
import { keepIn } from './plugin-state.js';

/** The plugins a config uses, loaded and its config checked against their schemas. */
export interface AgentPlugins {
  readonly host: PluginHost;
  connector(name: string): Connector;
  /** `log` names the job the connection is for. */
  open(connector: string, signal: AbortSignal, log?: PluginLog): Promise<Connection>;
  mode(type: string): ExchangeMode;
}

/**
 * Loads only the plugins the config names. Throws QZ_PLUGIN_* for a plugin that is missing or unfit, and for
 * config, source, target or modeOptions that do not fit their schema; QZ_AGENT_STRATEGY_UNSUPPORTED for a way of reading or writing
 * the connector does not have. With a `report` of its own a caller hears of all of them.
 */
export async function loadPlugins(
  loaded: LoadedConfig,
  context: PluginContext,
  report: Report = stopAtFirst,
): Promise<AgentPlugins> {
  const { config, folder } = loaded;
  const host = await createPluginHost({
    roots: await installationRoots(import.meta.url),
    paths: config.plugins.map((path) => resolve(folder, path)),
    side: 'agent',
  });
  const connectors = await loadConnectors(loaded, host, report);
  const modes = new Map<string, ExchangeMode>();
  for (const [index, exchange] of config.exchanges.entries()) {
    const pointer = `/exchanges/${index}`;
    await attempt(report, `${pointer}/mode`, async () => {
      if (!modes.has(exchange.mode)) modes.set(exchange.mode, (await host.load('mode', exchange.mode)).role);
      checkMode(loaded, host, modes.get(exchange.mode)!, exchange, pointer);
    });
    const known = connectors.get(exchange.connector);
    if (!known) continue; // reported where the connector stands
    await attempt(report, pointer, () =>
      checkExchange(loaded, host, known.connector, modes.get(exchange.mode), exchange, pointer),
    );
  }
  for (const [index, local] of config.queries.entries()) {
    const pointer = `/queries/${index}`;
    await attempt(report, pointer, async () => {
      const { role } = await host.load('mode', local.mode);
      if (!role.answering)
        throw agentErrors.QUERY_MODE_UNFIT({ mode: local.mode, service: queryName(local) });
      role.answering.check(local);
      modes.set(local.mode, role);
      const known = connectors.get(local.connector);
      if (known) checkQuery(loaded, host, known.connector, local, pointer);
    });
  }
  checkWebhooks(loaded, (name) => connectors.get(name)?.connector, report);
  const connector = (name: string) => {
    const found = connectors.get(name);
    if (found) return found;
    throw agentErrors.CONNECTOR_UNKNOWN({ name, known: [...connectors.keys()].join(', ') || '—' });
  };
  return {
    host,
    connector: (name) => connector(name).connector,
    open: (name, signal, log = context.log) =>
      connector(name).connector.open(
        connector(name).config,
        { ...context, log, keep: keepIn(loaded.stateDir) },
        signal,
      ),
    mode: (type) => modes.get(type)!,
  };
}

interface ConfiguredConnector {
  readonly connector: Connector;
  readonly config: unknown;
}

async function loadConnectors(
  { config, folder, file, lineOf }: LoadedConfig,
  host: PluginHost,
  report: Report,
): Promise<Map<string, ConfiguredConnector>> {
  const connectors = new Map<string, ConfiguredConnector>();
  for (const [name, { type, ...own }] of Object.entries(config.connectors)) {
    const pointer = `/connectors/${name}`;
    await attempt(report, pointer, async () => {
      const { role } = await host.load('connector', type);
      const place = `${file}:${lineOf(pointer)} connectors.${name}`;
      connectors.set(name, {
        connector: role,
        config: host.checkConfig(role.configSchema, withPaths(own, folder), place),
      });
    });
  }
  return connectors;
}

function checkMode(
  { file, lineOf }: LoadedConfig,
  host: PluginHost,
  mode: ExchangeMode,
  exchange: Exchange,
  pointer: string,
): void {
  const place = `${file}:${lineOf(`${pointer}/modeOptions`)} ${exchange.name} modeOptions`;
  exchange.modeOptions = host.checkConfig(mode.configSchema, exchange.modeOptions ?? {}, place);
  mode.check?.(exchange);
}

function checkExchange(
  { file, lineOf }: LoadedConfig,
  host: PluginHost,
  connector: Connector,
  mode: ExchangeMode | undefined,
  exchange: Exchange,
  pointer: string,
): void {
  const place = (field: string) => `${file}:${lineOf(`${pointer}/${field}`)} ${exchange.name} ${field}`;
  if (mode && exchange.modeOptions !== undefined)
    exchange.modeOptions = host.checkConfig(mode.configSchema, exchange.modeOptions, place('modeOptions'));
  if (isSupply(exchange)) {
    checkStrategy(connector, exchange.strategy, exchange.name);
    exchange.source = host.checkConfig(connector.sourceSchema, exchange.source, place('source'));
    return;
  }
  if (mode?.targetSchema) {
    exchange.target = host.checkConfig(mode.targetSchema, exchange.target ?? {}, place('target'));
    return;
  }
  if (connector.capabilities.write.length === 0)
    throw agentErrors.READ_ONLY({ exchange: exchange.name, connector: exchange.connector });
  exchange.target = host.checkConfig(connector.targetSchema, exchange.target, place('target'));
}

function checkQuery(
  { file, lineOf }: LoadedConfig,
  host: PluginHost,
  connector: Connector,
  local: LocalQuery,
  pointer: string,
): void {
  const service = queryName(local);
  if (!connector.capabilities.query)
    throw agentErrors.QUERY_UNSUPPORTED({ connector: local.connector, service });
  if (local.lookup === undefined) return;
  const place = `${file}:${lineOf(`${pointer}/lookup`)} ${service} lookup`;
  local.lookup = host.checkConfig(connector.sourceSchema, local.lookup, place);
}

/** `diff` is the engine's, over any connector that reads snapshots. */
function checkStrategy(connector: Connector, strategy: string, exchange: string): void {
  const { read, files } = connector.capabilities;
  const known = [...read, ...(read.includes('snapshot') ? ['diff'] : []), ...(files ? ['files'] : [])];
  if (known.includes(strategy)) return;
  throw agentErrors.STRATEGY_UNSUPPORTED({ exchange, strategy, known: known.join(', ') || '—' });
}

/** A connector's `path` is relative to the config file, like every path in it. */
function withPaths(config: Record<string, unknown>, folder: string): Record<string, unknown> {
  return typeof config.path === 'string' ? { ...config, path: resolve(folder, config.path) } : config;
}
