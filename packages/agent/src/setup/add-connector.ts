import { relative, resolve } from 'node:path';
import type { CheckReport } from '@qianzhi/plugin-api';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import { type ConfigChange, planChange, refuseExisting, type SetupContext } from './config-change.js';
import { type ConfigField, fieldsOf, nested } from './config-fields.js';

export interface ConnectorType {
  readonly type: string;
  readonly packageName: string;
  readonly version: string;
}

/** The types a config can name, of every plugin found. No plugin code runs. */
export function connectorTypes({ host }: AgentPlugins): ConnectorType[] {
  return host
    .list()
    .filter(({ kind, sides }) => kind === 'connector' && sides !== 'platform')
    .map(({ type, packageName, version }) => ({ type, packageName, version }));
}

/** What connectors of a type are asked for. Throws QZ_PLUGIN_* where there is no such type. */
export async function connectorFields({ host }: AgentPlugins, type: string): Promise<ConfigField[]> {
  const { role } = await host.load('connector', type);
  return fieldsOf(role.configSchema);
}

export interface WantedConnector {
  readonly name: string;
  readonly type: string;
  /** Values by their keys, see `ConfigField`. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Secrets by their keys, in clear: each goes into a file of its own. */
  readonly secrets: ReadonlyMap<string, string>;
}

export interface PlannedConnector {
  readonly change: ConfigChange;
  /** What stands in agent.yaml, without secrets. */
  readonly block: Readonly<Record<string, unknown>>;
  readonly secretFiles: readonly string[];
}

/** Throws QZ_AGENT_NAME_TAKEN or _NAME_WRONG. */
export function requireFreeName({ config }: LoadedConfig, name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,49}$/.test(name)) throw agentErrors.NAME_WRONG({ name });
  if (Object.hasOwn(config.connectors, name)) throw agentErrors.NAME_TAKEN({ name, list: 'connectors' });
}

/** Plans a connector's block and secret files; nothing is opened or written. Throws what is wrong with the values. */
export async function planConnector(
  configFile: string,
  { name, type, values, secrets }: WantedConnector,
  context: SetupContext,
): Promise<PlannedConnector> {
  const loaded = await loadConfig(configFile, process.env, () => {});
  requireFreeName(loaded, name);
  const files = new Map<string, string>();
  const references = new Map<string, string>();
  for (const [key, secret] of secrets) {
    const path = resolve(loaded.folder, `${name}.${key}.secret`);
    await refuseExisting(path);
    files.set(path, secret);
    references.set(key, `\${file:./${relative(loaded.folder, path)}}`);
  }
  const block = { type, ...nested([...values, ...references]) };
  const entry = { list: 'connectors', name, value: block } as const;
  const change = await planChange(configFile, entry, context, files);
  return { change, block, secretFiles: [...files.keys()] };
}

/** Opens a planned connector and has it prove address, login and permissions. Throws what keeps it from working. */
export async function tryConnector(
  { change }: PlannedConnector,
  name: string,
  signal: AbortSignal,
): Promise<CheckReport> {
  await using connection = await change.plugins.open(name, signal);
  return connection.check(signal);
}
