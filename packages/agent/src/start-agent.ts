import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, type Failpoint, openEngine } from '@qianzhi/engine';
import { agentRoutes, isQianzhiError, type Problem, throwIfCancelled } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { type BusinessApi, serveBusinessSystems } from './api/serve.js';
import type { ApiParts } from './api/start-api.js';
import { startHeadExchange } from './audit/exchange-heads.js';
import { type Closers, createClosers } from './closers.js';
import { type LoadedConfig, loadConfig } from './config/load.js';
import { startControl } from './control/server.js';
import { controlSocket } from './control/socket.js';
import { createDownloads } from './download/downloads.js';
import { engineOptions } from './engine-options.js';
import { agentErrors } from './errors.js';
import { type Identity, readIdentity } from './identity/identity-file.js';
import { joinPlatform } from './link/join-platform.js';
import type { PlatformLink } from './link/platform-link.js';
import type { ReloadReport } from './live/config-state.js';
import { leaveLogs } from './live/leave-logs.js';
import { createLiveConfig, type LiveConfig } from './live/live-config.js';
import { watchConfigFile } from './live/watch-file.js';
import { createLog } from './log.js';
import { loadPlugins } from './plugins.js';
import type { QueryEvent } from './queries/query-event.js';
import { type Queries, startQueries } from './queries/start-queries.js';
import { type ReceivedSide, startReceived } from './received/start-received.js';
import { type Reconciler, startReconciler } from './reconcile/reconciler.js';
import type { AgentStatus } from './status.js';
import { agentVersion } from './version.js';
import { watchConnectors } from './watch/connectors.js';
import { startWatch, type Watch } from './watch/start-watch.js';
import type { WebhooksParts } from './webhooks/webhooks.js';

export interface RunningAgent {
  readonly engine: Engine;
  readonly socketPath: string;
  status(): AgentStatus;
  /** Reads the config again as SIGHUP asks; what comes of it is in the log and in `status`. */
  reload(): void;
  /** Resolves when the agent has stopped by itself, with the reason. */
  readonly stopped: Promise<unknown>;
  stop(): Promise<void>;
}

export interface AgentOptions {
  /** Fault tests: called at named points of the row's path. */
  readonly failpoint?: (name: Failpoint) => void;
  /** Tests: how names of webhooks resolve, and the pauses between attempts. */
  readonly webhooks?: Pick<WebhooksParts, 'lookup' | 'retry'>;
  /** Tests: after how long a reader that takes nothing is given up. */
  readonly api?: Pick<ApiParts, 'stalledMs'>;
}

const REPORT_EVERY_MS = 20_000;

/**
 * Starts the front-end process: config, identity, plugins, link, engine, local control. Throws coded errors for all that an
 * operator can mend; a platform out of reach is not among them: the agent starts and waits for it.
 */
export async function startAgent(
  configFile: string,
  signal: AbortSignal,
  options: AgentOptions = {},
): Promise<RunningAgent> {
  const loaded = await loadConfig(configFile);
  const identity = await readIdentity(loaded.stateDir);
  if (!identity) throw agentErrors.NOT_ENROLLED({ stateDir: loaded.stateDir });
  const log = createLog(loaded.config.log.level, identity.agent);
  await mkdir(loaded.stateDir, { recursive: true, mode: 0o700 });
  const tempDir = await mkdtemp(join(loaded.stateDir, 'tmp-'));
  const closers = createClosers();
  closers.add(() => rm(tempDir, { recursive: true, force: true }));
  try {
    return await compose(loaded, identity, log, tempDir, closers, options, signal);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function compose(
  loaded: LoadedConfig,
  identity: Identity,
  log: PluginLog,
  tempDir: string,
  closers: Closers,
  options: AgentOptions,
  signal: AbortSignal,
): Promise<RunningAgent> {
  const context = { log, now: () => new Date(), tempDir, timeZone: loaded.config.timeZone };
  const plugins = await loadPlugins(loaded, context);
  let engine: Engine | undefined;
  let halt: (reason: unknown) => void = () => {};
  const stopped = new Promise<unknown>((resolve) => {
    halt = resolve;
  });
  let received: ReceivedSide | undefined;
  const onChange = () => {
    engine?.wake();
    queries?.changed();
    received?.changed();
  };
  const joined = await joinPlatform(loaded, identity, log, onChange, halt);
  const { link, packages } = joined;
  closers.add(() => link.close());
  let reconciler: Reconciler | undefined;
  let queries: Queries | undefined;
  let judgeSoon = () => {};
  function changed(): void {
    engine?.wake();
    reconciler?.reschedule();
    queries?.changed();
    formerLogs.changed();
    received?.changed();
    judgeSoon();
  }
  const live = createLiveConfig({ started: loaded, plugins, context, changed });
  const formerLogs = leaveLogs(identity.agent, live, log);
  closers.add(formerLogs.close);
  let api: BusinessApi | undefined;
  async function again(): Promise<ReloadReport> {
    const report = await live.reload();
    await api?.renew();
    return report;
  }
  const reload = () => reloadNoted(again, log);
  // from now on, for a platform that does not answer may keep the rest of the start waiting
  closers.add(watchConfigFile(loaded.file, loaded.stamp, reload));
  const configured = () => live.loaded().config.exchanges;
  const connectors = watchConnectors(live, context.now);
  const parts = await engineOptions(loaded, identity, joined, plugins, tempDir, log);
  const exchanges = () => live.exchanges(link.assignments());
  const downloads = createDownloads({ url: loaded.config.platform.url, link, loaded: live.loaded });
  closers.add(downloads.close);
  engine = await openEngine({
    ...parts,
    exchanges,
    openConnection: connectors.open,
    mode: (type) => live.plugins().mode(type),
    download: downloads.fetch,
    capabilities: (name) => live.plugins().connector(name).capabilities,
    failpoint: options.failpoint,
  });
  closers.add(() => engine!.stop());
  throwIfCancelled(signal, 'agent start');
  await link.open(signal);
  await engine.start();
  const queryListeners: ((event: QueryEvent) => void)[] = [];
  const { agent } = identity;
  received = startReceived(
    { started: loaded, agent, live, link, engine, log, now: context.now },
    options.webhooks,
  );
  closers.add(received.close);
  const { feeds, webhooks } = received;
  const watch = await startWatch({
    queries: { onEnded: (listener) => queryListeners.push(listener), status: () => queries?.status() },
    loaded,
    identity,
    link,
    engine,
    connectors,
    config: live.state,
    configured,
    webhooks: webhooks.status,
    log,
    now: context.now,
  });
  closers.add(watch.close);
  judgeSoon = watch.changed;
  reconciler = startReconciler({
    engine,
    link,
    agent: identity.agent,
    exchanges,
    log,
    now: context.now,
  });
  closers.add(reconciler.close);
  queries = startQueries({
    live,
    link,
    identity,
    stateDir: loaded.stateDir,
    log,
    now: context.now,
    ended(event) {
      for (const listener of queryListeners) listener(event);
    },
  });
  closers.add(queries.close);
  const apiParts = { live, link, engine, ask: queries.ask, feeds, log, ...options.api };
  const served = await serveBusinessSystems(loaded, apiParts);
  api = served;
  closers.add(served.close);
  const startedAt = context.now().toISOString();
  const status = () => ({
    ...statusOf(identity, watch, startedAt, reconciler?.problem()),
    queries: queries?.status(),
    api: served.status(),
  });
  const socketPath = controlSocket(loaded.stateDir);
  const target = {
    engine,
    log,
    status,
    sync: link.refresh,
    reload: again,
    alerts: watch.alerts,
    reconciler,
    ask: queries.ask,
    api: served,
    feeds,
    webhooks,
    packages,
    keys: () => link.assignments()?.keys ?? identity.platformKeys,
  };
  closers.add(await startControl(socketPath, target));
  // packages bring no answers: there both chains are exported and carried
  if (!packages)
    closers.add(startHeadExchange({ link, identity, stateDir: loaded.stateDir, log, now: context.now }));
  const reporting = setInterval(() => void report(link, engine!, log), REPORT_EVERY_MS);
  closers.add(() => clearInterval(reporting));
  return { engine, socketPath, status, stopped, reload, stop: closers.closeAll };
}

/** Nobody waits for the answer: a config that is wrong is in the log, in `status` and in `/readyz`. */
function reloadNoted(reload: LiveConfig['reload'], log: PluginLog): void {
  reload().catch((error) => {
    if (!isQianzhiError(error)) log.error({ error: String(error) }, 'reading the config again failed inside');
  });
}

function statusOf(
  identity: Identity,
  watch: Watch,
  startedAt: string,
  reconcileProblem: Problem | undefined,
): AgentStatus {
  const facts = watch.facts();
  const { agent, department, departmentName } = identity;
  return {
    agent,
    department,
    departmentName,
    version: agentVersion,
    startedAt,
    pid: process.pid,
    config: facts.config,
    link: facts.link,
    exchanges: facts.exchanges,
    outbox: {
      bytes: facts.engine.outboxBytes,
      limitBytes: facts.engine.outboxLimitBytes,
      oldestSealedAt: facts.engine.oldestUnreceipted.map(({ sealedAt }) => sealedAt).toSorted()[0],
    },
    expiries: facts.expiries,
    webhooks: facts.webhooks,
    openAlerts: watch.alerts().filter(({ resolvedAt }) => resolvedAt === undefined),
    monitorUrl: watch.monitorUrl,
    ...(reconcileProblem && { reconcileProblem }),
  };
}

/** The platform's lists show what the agent does; a report that fails is made again with the next. */
async function report(link: PlatformLink, engine: Engine, log: PluginLog): Promise<void> {
  const exchanges = engine.exchanges
    .list()
    .map(({ exchange, resource, direction, state, problem, lastSuccessAt }) => ({
      exchange,
      resource,
      direction,
      state,
      ...(problem && { code: problem.code }),
      ...(lastSuccessAt && { lastSuccessAt }),
    }));
  try {
    await link.client.call(agentRoutes.report, { body: { exchanges } });
  } catch (error) {
    log.debug({ error: String(error) }, 'reporting the state of the exchanges failed');
  }
}
