import { resolve } from 'node:path';
import { isSupply } from '@qianzhi/model';
import type { Connection, Connector, ExchangeMode, PluginContext } from '@qianzhi/plugin-api';
import { createPluginHost, installationRoots, type PluginHost } from '@qianzhi/plugin-host';
import type { LoadedConfig } from './config/load.js';
import { agentErrors } from './errors.js';

/** The plugins a config uses, loaded and its config checked against their schemas. */
export interface AgentPlugins {
  readonly host: PluginHost;
  connector(name: string): Connector;
  open(connector: string, signal: AbortSignal): Promise<Connection>;
  mode(type: string): ExchangeMode;
}

/**
 * Loads only the plugins the config names. Throws QZ_PLUGIN_* for a plugin that is missing or unfit, and for
 * config, source or target that does not fit its schema; QZ_AGENT_STRATEGY_UNSUPPORTED for a way of reading or writing
 * the connector does not have.
 */
export async function loadPlugins(loaded: LoadedConfig, context: PluginContext): Promise<AgentPlugins> {
  const { config, folder } = loaded;
  const host = await createPluginHost({
    roots: await installationRoots(import.meta.url),
    paths: config.plugins.map((path) => resolve(folder, path)),
    side: 'agent',
  });
  const connectors = new Map<string, { connector: Connector; config: unknown }>();
  for (const [name, { type, ...own }] of Object.entries(config.connectors)) {
    const { role } = await host.load('connector', type);
    const place = `${loaded.file}:${loaded.lineOf(`/connectors/${name}`)} connectors.${name}`;
    connectors.set(name, {
      connector: role,
      config: host.checkConfig(role.configSchema, withPaths(own, folder), place),
    });
  }
  const modes = new Map<string, ExchangeMode>();
  for (const [index, exchange] of config.exchanges.entries()) {
    const place = `${loaded.file}:${loaded.lineOf(`/exchanges/${index}`)} ${exchange.name}`;
    if (!modes.has(exchange.mode)) modes.set(exchange.mode, (await host.load('mode', exchange.mode)).role);
    const { connector } = connectors.get(exchange.connector)!;
    if (isSupply(exchange)) {
      checkStrategy(connector, exchange.strategy, exchange.name);
      exchange.source = host.checkConfig(connector.sourceSchema, exchange.source, `${place} source`);
    } else {
      if (connector.capabilities.write.length === 0)
        throw agentErrors.READ_ONLY({ exchange: exchange.name, connector: exchange.connector });
      exchange.target = host.checkConfig(connector.targetSchema, exchange.target, `${place} target`);
    }
  }
  const connector = (name: string) => connectors.get(name)!;
  return {
    host,
    connector: (name) => connector(name).connector,
    open: (name, signal) => connector(name).connector.open(connector(name).config, context, signal),
    mode: (type) => modes.get(type)!,
  };
}

/** `diff` is the engine's, over any connector that reads snapshots. */
function checkStrategy(connector: Connector, strategy: string, exchange: string): void {
  const needed = strategy === 'diff' ? 'snapshot' : strategy;
  if (connector.capabilities.read.some((read) => read === needed)) return;
  const known = connector.capabilities.read.join(', ');
  throw agentErrors.STRATEGY_UNSUPPORTED({ exchange, strategy, known });
}

/** A connector's `path` is relative to the config file, like every path in it. */
function withPaths(config: Record<string, unknown>, folder: string): Record<string, unknown> {
  return typeof config.path === 'string' ? { ...config, path: resolve(folder, config.path) } : config;
}
