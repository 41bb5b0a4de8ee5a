import { type Assignments, type Exchange, type QianzhiError, toProblem } from '@qianzhi/model';
import type { PluginContext } from '@qianzhi/plugin-api';
import { checkConfig } from '../config/check-config.js';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import { withSchedules } from '../setup/propose-schedule.js';
import {
  connectorChanges,
  exchangeChanges,
  partsForRestart,
  queryChanges,
  webhookChanges,
} from './compare.js';
import type { ConfigState, ReloadReport } from './config-state.js';

/** The config a running agent goes by, replaced as a whole or not at all. */
export interface LiveConfig {
  /** Connectors and exchanges as they are in force. */
  loaded(): LoadedConfig;
  plugins(): AgentPlugins;
  /**
   * The exchanges in force, with the schedule that follows from the catalog where the config has none; the same objects until the
   * config was read again or, of those with such a schedule, the assignments are others.
   */
  exchanges(assignments: Assignments | undefined): readonly Exchange[];
  /** Those that an exchange came in force with: a job that began before a reload may open its connection after it. */
  pluginsOf(exchange: Exchange): AgentPlugins;
  state(): ConfigState;
  /**
   * Reads the file and its secrets again, checks all of it as starting does, and puts its connectors and exchanges in force;
   * jobs that run end by what they began with. Throws QZ_AGENT_CONFIG_NOT_APPLIED where anything is wrong: nothing of it is
   * in force then. Calls run one after the other.
   */
  reload(): Promise<ReloadReport>;
}

export interface LiveConfigParts {
  /** As the agent was started. */
  readonly started: LoadedConfig;
  readonly plugins: AgentPlugins;
  readonly context: PluginContext;
  /** Called after a change is in force. */
  readonly changed: (report: ReloadReport) => void;
}

export function createLiveConfig({ started, plugins, context, changed }: LiveConfigParts): LiveConfig {
  const { log, now } = context;
  const { file } = started;
  const origins = new WeakMap<Exchange, AgentPlugins>();
  let inForce = putInForce(started, plugins);
  let problem: QianzhiError | undefined;
  let restartFor: readonly string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  /** As long as nothing changes the exchanges are the same objects: a run that lasts goes on by that. */
  let answered: { of: typeof inForce; orders: Assignments | undefined; all: readonly Exchange[] } | undefined;

  function putInForce(loaded: LoadedConfig, own: AgentPlugins) {
    for (const exchange of loaded.config.exchanges) origins.set(exchange, own);
    return { loaded, plugins: own, appliedAt: now().toISOString() };
  }

  function state(): ConfigState {
    const { appliedAt } = inForce;
    return { file, appliedAt, restartFor, ...(problem && { problem: toProblem(problem) }) };
  }

  async function apply(): Promise<ReloadReport> {
    const checked = await checkConfig(file, process.env, context);
    const [wrong, ...more] = checked.findings;
    if (wrong || !checked.loaded || !checked.plugins) {
      problem = notApplied(wrong!.error, more.length);
      throw problem;
    }
    const { loaded } = checked;
    const before = inForce.loaded.config;
    inForce = putInForce(loaded, checked.plugins);
    problem = undefined;
    restartFor = partsForRestart(started.config, loaded.config);
    const report: ReloadReport = {
      config: state(),
      connectors: connectorChanges(before, loaded.config),
      exchanges: exchangeChanges(before, loaded.config),
      queries: queryChanges(before, loaded.config),
      webhooks: webhookChanges(before, loaded.config),
    };
    const { config: _, ...parts } = report;
    log.info(parts, 'the config was read again');
    if (restartFor.length > 0)
      log.warn(
        { restartFor },
        agentErrors.CONFIG_NEEDS_RESTART({ file, parts: restartFor.join(', ') }).message,
      );
    changed(report);
    return report;
  }

  function notApplied(error: QianzhiError, more: number): QianzhiError {
    const { appliedAt } = inForce;
    const { zh, en } = error.texts;
    const others = more === 0 ? { zh: '', en: '' } : { zh: `(另有 ${more} 处)`, en: ` (and ${more} more)` };
    const refused = agentErrors.CONFIG_NOT_APPLIED(
      { file, appliedAt, problem: { zh: zh.message, en: en.message }, more: others },
      error,
    );
    if (problem?.message !== refused.message)
      log.error({ code: refused.code, cause: error.code }, refused.message);
    return refused;
  }

  return {
    loaded: () => inForce.loaded,
    plugins: () => inForce.plugins,
    exchanges(assignments) {
      if (answered?.of === inForce && answered.orders === assignments) return answered.all;
      const { loaded, plugins: own } = inForce;
      const all = withSchedules(loaded.config.exchanges, assignments);
      for (const exchange of all) origins.set(exchange, own);
      answered = { of: inForce, orders: assignments, all };
      return all;
    },
    pluginsOf: (exchange) => origins.get(exchange) ?? inForce.plugins,
    state,
    reload() {
      const report = last.then(apply);
      // the next one runs whatever became of this one, which its caller is told
      last = report.then(
        () => undefined,
        () => undefined,
      );
      return report;
    },
  };
}
