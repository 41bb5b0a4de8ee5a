import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentPlugins, LoadedConfig, PluginLog } from '@qianzhi/agent';

export interface ConfiguredPlugins {
  readonly loaded: LoadedConfig;
  readonly plugins: AgentPlugins;
  /** What plugins are given of this process; its folder is gone when the work is done. */
  readonly context: { readonly log: PluginLog; readonly now: () => Date; readonly tempDir: string };
}

/** Runs `work` with one connector of the config; what is wrong elsewhere in the file does not matter here. */
export function withConnector<T>(
  configFile: string,
  connector: string,
  work: (configured: ConfiguredPlugins) => Promise<T>,
): Promise<T> {
  return withPlugins(configFile, () => [`/connectors/${connector}`], work);
}

/** The names of the connectors a config has, whatever is wrong with one of them. */
export function connectorNames(configFile: string): Promise<string[]> {
  return withConfig(configFile, async ({ loaded }) => Object.keys(loaded.config.connectors));
}

/** Runs `work` with a config that can be read, whatever is wrong with its connectors and exchanges. */
export function withConfig<T>(
  configFile: string,
  work: (configured: ConfiguredPlugins) => Promise<T>,
): Promise<T> {
  return withPlugins(configFile, () => [], work);
}

/** The same with one exchange and the connector it names. */
export function withExchange<T>(
  configFile: string,
  exchange: string,
  work: (configured: ConfiguredPlugins) => Promise<T>,
): Promise<T> {
  const matters = ({ config }: LoadedConfig) => {
    const index = config.exchanges.findIndex(({ name }) => name === exchange);
    return [`/exchanges/${index}`, `/connectors/${config.exchanges[index]?.connector}`];
  };
  return withPlugins(configFile, matters, work);
}

async function withPlugins<T>(
  configFile: string,
  matters: (loaded: LoadedConfig) => readonly string[],
  work: (configured: ConfiguredPlugins) => Promise<T>,
): Promise<T> {
  const { checkConfig, createLog } = await import('@qianzhi/agent');
  const tempDir = await mkdtemp(join(tmpdir(), 'qianzhi-'));
  try {
    const log = createLog('error', 'cli');
    const context = { log, now: () => new Date(), tempDir };
    const { findings, loaded, plugins } = await checkConfig(configFile, process.env, context);
    const pointers = loaded ? matters(loaded) : [''];
    const about = findings.find(
      ({ where }) =>
        !plugins || pointers.some((pointer) => where === pointer || where.startsWith(`${pointer}/`)),
    );
    if (about || !loaded || !plugins) throw about?.error;
    return await work({ loaded, plugins, context });
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}
