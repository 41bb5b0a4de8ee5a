import { tmpdir } from 'node:os';
import { isQianzhiError, type QianzhiError } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import { createLog } from '../log.js';
import { type AgentPlugins, loadPlugins } from '../plugins.js';
import { type LoadedConfig, loadConfig, type PlannedConfig } from './load.js';
import type { Report } from './report.js';

export interface ConfigFinding {
  readonly line: number;
  /** JSON pointer of what is wrong; `/` for the file as a whole. */
  readonly where: string;
  readonly error: QianzhiError;
}

export interface CheckedConfig {
  /** Everything found wrong, in the order of the file; empty when the agent can start with it. */
  readonly findings: readonly ConfigFinding[];
  /** Undefined where syntax or shape are wrong. */
  readonly loaded: LoadedConfig | undefined;
  /** The plugins, where the config loads; those reported are missing. */
  readonly plugins: AgentPlugins | undefined;
}

/** With a zone of its own for an agent that runs by another one than the file's until it is started again. */
export type CheckContext = Omit<PluginContext, 'timeZone'> & Partial<Pick<PluginContext, 'timeZone'>>;

/**
 * Goes through agent.yaml as starting does (syntax, shape, secrets, references, plugins and their parts) without opening
 * anything, and answers all that is wrong instead of the first.
 */
export async function checkConfig(
  path: string,
  env: NodeJS.ProcessEnv = process.env,
  context: CheckContext = quietContext(),
  planned?: PlannedConfig,
): Promise<CheckedConfig> {
  const reported: { error: QianzhiError; pointer: string }[] = [];
  const report: Report = (error, pointer) => reported.push({ error, pointer });
  const keepAt = (pointer: string) => (error: unknown) => {
    if (!isQianzhiError(error)) throw error;
    report(error, String(error.details.where ?? pointer));
    return undefined;
  };
  const loaded = await loadConfig(path, env, report, planned).catch(keepAt('/'));
  const plugins =
    loaded &&
    (await loadPlugins(loaded, { timeZone: loaded.config.timeZone, ...context }, report).catch(
      keepAt('/plugins'),
    ));
  const findings = reported.map(({ error, pointer }) => ({
    line: loaded?.lineOf(pointer) ?? Number(error.details.line ?? 1),
    where: pointer,
    error,
  }));
  findings.sort((a, b) => a.line - b.line);
  return { findings, loaded, plugins };
}

function quietContext(): CheckContext {
  return {
    log: createLog('error', 'config'),
    now: () => new Date(),
    tempDir: tmpdir(),
  };
}
