import type { Static, TSchema } from '@qianzhi/model/schema';
import type { Connector, ExchangeMode, Plugin, PluginKind, Transport } from '@qianzhi/plugin-api';
import { checkPluginConfig } from './check-config.js';
import type { PluginDescription, PluginSide } from './description.js';
import { pluginsAt, pluginsUnder } from './discover.js';
import { hostErrors } from './errors.js';
import { loadPlugin } from './load.js';

export type RoleOf<K extends PluginKind> = K extends 'connector'
  ? Connector
  : K extends 'mode'
    ? ExchangeMode
    : Transport;

export interface PluginHostOptions {
  /** `node_modules` folders to look in, see `installationRoots`; a missing folder is empty. */
  readonly roots: readonly string[];
  /** Plugin folders named by the config. */
  readonly paths?: readonly string[];
  /** The process that asks. */
  readonly side: PluginSide;
}

/** Knows which plugins are there and loads those that are asked for, each once. */
export interface PluginHost {
  /** Every plugin found, of either side, by kind and type. No plugin code has run. */
  list(): readonly PluginDescription[];
  /**
   * Imports the plugin of a type and checks it: API version, side, entry, kind, type and members. Throws
   * QZ_PLUGIN_UNKNOWN, _API_VERSION, _SIDE, _ENTRY_MISSING, _ENTRY_FAILED or _ENTRY_WRONG (kind config).
   */
  load<K extends PluginKind>(kind: K, type: string): Promise<Plugin<RoleOf<K>>>;
  /** See `checkPluginConfig`. */
  checkConfig<T extends TSchema>(schema: T, config: unknown, path: string): Static<T>;
}

/**
 * Finds the plugins. Throws QZ_PLUGIN_BLOCK_WRONG, QZ_PLUGIN_PATH_WRONG or QZ_PLUGIN_DUPLICATE (kind config), so
 * that an installation nobody can reason about does not start.
 */
export async function createPluginHost(options: PluginHostOptions): Promise<PluginHost> {
  const plugins = await findPlugins(options);
  const loaded = new Map<string, Promise<Plugin>>();

  function load<K extends PluginKind>(kind: K, type: string): Promise<Plugin<RoleOf<K>>> {
    const name = nameOf({ kind, type });
    const known = loaded.get(name);
    if (known) return known as Promise<Plugin<RoleOf<K>>>;
    const plugin = plugins.get(name);
    if (!plugin) return Promise.reject(hostErrors.UNKNOWN({ kind, type, known: typesOf(plugins, kind) }));
    const loading = loadPlugin(plugin, options.side);
    loaded.set(name, loading);
    return loading as Promise<Plugin<RoleOf<K>>>;
  }

  return { list: () => [...plugins.values()], load, checkConfig: checkPluginConfig };
}

async function findPlugins(options: PluginHostOptions): Promise<Map<string, PluginDescription>> {
  const found = [
    ...(await Promise.all((options.paths ?? []).map(pluginsAt))).flat(),
    ...(await Promise.all(options.roots.map(pluginsUnder))).flat(),
  ];
  const plugins = new Map<string, PluginDescription>();
  for (const plugin of found) {
    const other = plugins.get(nameOf(plugin));
    if (other && other.folder !== plugin.folder) {
      throw hostErrors.DUPLICATE({
        kind: plugin.kind,
        type: plugin.type,
        first: `${other.packageName} (${other.folder})`,
        second: `${plugin.packageName} (${plugin.folder})`,
      });
    }
    plugins.set(nameOf(plugin), plugin);
  }
  return new Map([...plugins].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(plugin: { readonly kind: PluginKind; readonly type: string }): string {
  return `${plugin.kind} ${plugin.type}`;
}

function typesOf(plugins: ReadonlyMap<string, PluginDescription>, kind: PluginKind): string {
  const types = [...plugins.values()].filter((plugin) => plugin.kind === kind).map((plugin) => plugin.type);
  return types.join(', ') || '-';
}
