import type { Connector } from './connector.js';
import type { ExchangeMode } from './mode.js';
import type { Transport } from './transport.js';

/** Raised when a plugin built for the version before no longer loads. */
export const PLUGIN_API_VERSION = 1;

export type PluginKind = 'connector' | 'mode' | 'transport';
export type PluginRole = Connector | ExchangeMode | Transport;

/** What a plugin's entry module exports as default. */
export interface Plugin<R extends PluginRole = PluginRole> {
  readonly name: string;
  readonly type: string;
  readonly apiVersion: number;
  readonly role: R;
}

/**
 * Makes a plugin entry; `type` is what a config names (`sqlite`, `docking`). It must equal the type in the
 * package.json block, which is read before any code of the plugin runs.
 */
export function definePlugin<R extends PluginRole>(plugin: {
  name: string;
  type: string;
  role: R;
}): Plugin<R> {
  return { ...plugin, apiVersion: PLUGIN_API_VERSION };
}
