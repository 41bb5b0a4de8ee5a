import { stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LocalText } from '@qianzhi/model';
import { PLUGIN_API_VERSION, type Plugin, type PluginKind } from '@qianzhi/plugin-api';
import type { PluginDescription, PluginSide } from './description.js';
import { hostErrors } from './errors.js';

/** Members a role must have, with the `typeof` each must show. */
const roleMembers = {
  connector: {
    configSchema: 'object',
    sourceSchema: 'object',
    targetSchema: 'object',
    capabilities: 'object',
    open: 'function',
  },
  mode: { configSchema: 'object', plan: 'function', run: 'function' },
  transport: { configSchema: 'object', open: 'function' },
} as const satisfies Record<PluginKind, Record<string, 'object' | 'function'>>;

/** Checks what is known of a plugin, imports its entry and checks that it is what the package says. */
export async function loadPlugin(plugin: PluginDescription, side: PluginSide): Promise<Plugin> {
  checkHost(plugin, side);
  const entry = await entryOf(plugin);
  const exported = await importEntry(plugin, entry);
  const problem = problemOf(plugin, exported);
  if (problem) throw hostErrors.ENTRY_WRONG({ plugin: plugin.packageName, entry, problem });
  return exported as Plugin;
}

function checkHost(plugin: PluginDescription, side: PluginSide): void {
  if (plugin.apiVersion !== PLUGIN_API_VERSION) {
    throw hostErrors.API_VERSION({
      plugin: plugin.packageName,
      found: plugin.apiVersion,
      wanted: PLUGIN_API_VERSION,
    });
  }
  if (plugin.sides !== 'both' && plugin.sides !== side) {
    throw hostErrors.SIDE({ plugin: plugin.packageName, sides: plugin.sides, side, type: plugin.type });
  }
}

/** The entry's path; it must be a file inside the package. */
async function entryOf(plugin: PluginDescription): Promise<string> {
  const entry = resolve(plugin.folder, plugin.entry);
  const missing = hostErrors.ENTRY_MISSING({ plugin: plugin.packageName, entry });
  if (!entry.startsWith(plugin.folder + sep)) throw missing;
  const found = await stat(entry).catch(() => undefined);
  if (!found?.isFile()) throw missing;
  return entry;
}

async function importEntry(plugin: PluginDescription, entry: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(entry).href)) as { default?: unknown };
    return module.default;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw hostErrors.ENTRY_FAILED({ plugin: plugin.packageName, entry, problem }, error);
  }
}

function problemOf(plugin: PluginDescription, exported: unknown): LocalText | undefined {
  if (!isRecord(exported) || !isRecord(exported.role))
    return { zh: '默认导出不是插件', en: 'the default export is no plugin' };
  if (exported.type !== plugin.type) return unlike('type', exported.type, plugin.type);
  if (exported.role.kind !== plugin.kind) return unlike('kind', exported.role.kind, plugin.kind);
  if (exported.apiVersion !== PLUGIN_API_VERSION)
    return {
      zh: `它按插件接口第 ${exported.apiVersion} 版制作`,
      en: `it was made by plugin API version ${exported.apiVersion}`,
    };
  if (typeof exported.name !== 'string' || exported.name === '')
    return { zh: '它没有名称', en: 'it has no name' };
  for (const [member, type] of Object.entries(roleMembers[plugin.kind])) {
    const value = exported.role[member];
    if (value === null || typeof value !== type)
      return { zh: `缺少 role.${member}`, en: `role.${member} is missing` };
  }
  return undefined;
}

function unlike(field: string, found: unknown, wanted: string): LocalText {
  return {
    zh: `${field} 为“${found}”,而包中写明“${wanted}”`,
    en: `${field} is "${found}", the package says "${wanted}"`,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
