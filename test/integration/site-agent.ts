import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Engine,
  type EngineLimits,
  type EngineOptions,
  type JobInfo,
  openEngine,
} from '@qianzhi/engine';
import type { Channel, PluginLog } from '@qianzhi/plugin-api';
import { loadConfig } from '../../packages/agent/src/config/load.js';
import { createDownloads } from '../../packages/agent/src/download/downloads.js';
import { engineOptions } from '../../packages/agent/src/engine-options.js';
import { readIdentity } from '../../packages/agent/src/identity/identity-file.js';
import { joinPlatform } from '../../packages/agent/src/link/join-platform.js';
import type { Packages } from '../../packages/agent/src/link/packages/package-link.js';
import type { PlatformLink } from '../../packages/agent/src/link/platform-link.js';
import { loadPlugins } from '../../packages/agent/src/plugins.js';
import { type Reconciler, startReconciler } from '../../packages/agent/src/reconcile/reconciler.js';
import { withSchedules } from '../../packages/agent/src/setup/propose-schedule.js';
import { until } from './until.js';

export interface AgentParts {
  readonly connectors: Readonly<Record<string, unknown>>;
  readonly exchanges: readonly Readonly<Record<string, unknown>>[];
}

/** What a test changes about the engine of one start. */
export interface StartChanges extends Omit<Partial<EngineOptions>, 'limits' | 'channel'> {
  readonly limits?: Partial<EngineLimits>;
  readonly channel?: (http: Channel) => Channel;
}

/**
 * A department's agent in this process: its own config file, identity, state folder, HTTP link and engine, composed as
 * `startAgent` does; only sizes, failpoints and the wait between attempts are the test's.
 */
export interface SiteAgent {
  readonly name: string;
  readonly stateDir: string;
  readonly engine: Engine;
  readonly link: PlatformLink;
  /** Of an agent that packages join to the platform. */
  readonly packages: Packages;
  readonly reconciler: Reconciler;
  /** Codes the agent warned or raised, in order. */
  readonly warnings: readonly string[];
  /** Writes the config the next start, or `reload`, reads. */
  configure(parts: AgentParts): Promise<void>;
  /** The next start goes to the platform by this address. */
  reach(url: string): Promise<void>;
  /** The next start exchanges packages by these folders, and has no line. */
  carry(packages: Readonly<Record<string, unknown>>): Promise<void>;
  /** The next start reconciles an exchange by a schedule. */
  schedule(exchange: string, reconcile: Readonly<Record<string, unknown>>): Promise<void>;
  start(changes?: StartChanges): Promise<void>;
  /** Puts connectors and exchanges of the config in force, as the agent does where its file changed. */
  reload(): Promise<void>;
  stop(deadlineMs?: number): Promise<void>;
  /** Ends as a crash does: nothing under way is finished. */
  kill(): Promise<void>;
  /** Fetches orders and lease now. */
  sync(): Promise<void>;
  /** Syncs, runs the exchange and answers the job at rest: done, failed or cancelled; or as soon as it waits. */
  run(exchange: string, until?: 'rest' | 'waiting'): Promise<JobInfo>;
  /** The same, of a job that must end well. */
  done(exchange: string): Promise<JobInfo>;
}

const AT_REST = new Set(['done', 'failed', 'cancelled']);
const FAST = { backoffFirstMs: 20, backoffCapMs: 200, stopDeadlineMs: 3_000 };

interface Running {
  readonly engine: Engine;
  readonly link: PlatformLink;
  readonly packages: Packages | undefined;
  readonly reconciler: Reconciler;
  reload(): Promise<void>;
}

export interface AgentPlace {
  readonly name: string;
  readonly folder: string;
  readonly url: () => string;
}

export function createSiteAgent({ name, folder, url }: AgentPlace): SiteAgent {
  const stateDir = join(folder, `${name}-state`);
  const configFile = join(folder, `${name}.json`);
  const warnings: string[] = [];
  let running: Running | undefined;
  const log = logInto(warnings);

  let config: Record<string, unknown> = {};
  // JSON is YAML
  const writeConfig = () => writeFile(configFile, JSON.stringify(config));

  function here() {
    if (!running) throw new Error(`${name} is not running`);
    return running;
  }

  async function stop(deadlineMs?: number): Promise<void> {
    const was = running;
    running = undefined;
    if (!was) return;
    await was.reconciler.close();
    await was.engine.stop({ deadlineMs });
    await was.link.close();
  }

  const agent: SiteAgent = {
    name,
    stateDir,
    get engine() {
      return here().engine;
    },
    get link() {
      return here().link;
    },
    get packages() {
      const { packages } = here();
      if (!packages) throw new Error(`${name} has a line`);
      return packages;
    },
    get reconciler() {
      return here().reconciler;
    },
    warnings,
    async configure(parts) {
      // by hand, unless a test says otherwise
      const exchanges = parts.exchanges.map((exchange) => ({ schedule: {}, ...exchange }));
      config = { platform: { url: url() }, stateDir, ...parts, exchanges };
      await writeConfig();
    },
    async reach(address) {
      config = { ...config, platform: { url: address } };
      await writeConfig();
    },
    async carry(packages) {
      config = { ...config, packages };
      await writeConfig();
    },
    async schedule(exchange, reconcile) {
      const exchanges = (config.exchanges as readonly { readonly name: string }[]).map((one) =>
        one.name === exchange ? { ...one, reconcile } : one,
      );
      config = { ...config, exchanges };
      await writeConfig();
    },
    async start({ limits, channel = (http: Channel) => http, ...more } = {}) {
      let loaded = await loadConfig(configFile);
      const identity = (await readIdentity(stateDir))!;
      const tempDir = await mkdtemp(join(folder, 'tmp-'));
      const context = { log, now: () => new Date(), tempDir, timeZone: loaded.config.timeZone };
      let plugins = await loadPlugins(loaded, context);
      const exchanges = () => withSchedules(loaded.config.exchanges, link.assignments());
      let engine: Engine | undefined;
      const wake = () => engine?.wake();
      const joined = await joinPlatform(loaded, identity, log, wake, () => undefined);
      const { link, packages } = joined;
      const options = await engineOptions(loaded, identity, joined, plugins, tempDir, log);
      engine = await openEngine({
        ...options,
        exchanges,
        openConnection: ({ connector }, inner, opened) => plugins.open(connector, inner, opened),
        mode: (type) => plugins.mode(type),
        capabilities: (connector) => plugins.connector(connector).capabilities,
        download: createDownloads({
          url: loaded.config.platform.url,
          link,
          loaded: () => loaded,
        }).fetch,
        ...more,
        channel: channel(options.channel),
        limits: { ...options.limits, ...FAST, ...limits },
      });
      await link.open(AbortSignal.timeout(15_000));
      await engine.start();
      const reconciler = startReconciler({
        engine,
        link,
        agent: name,
        exchanges,
        log,
        now: context.now,
        patience: { firstMs: 5_000, laterMs: 30_000 },
      });
      async function reload(): Promise<void> {
        const next = await loadConfig(configFile);
        plugins = await loadPlugins(next, context);
        loaded = next;
        engine?.wake();
        reconciler.reschedule();
      }
      running = { engine, link, packages, reconciler, reload };
    },
    reload: () => here().reload(),
    stop,
    kill: () => stop(0),
    sync: () => here().link.refresh(AbortSignal.timeout(15_000)),
    async run(exchange, end = 'rest') {
      await agent.sync();
      const { jobs } = here().engine;
      const { id } = jobs.run(exchange);
      return until(`${name} ${exchange} at rest`, () => {
        const job = jobs.status(id);
        return (AT_REST.has(job.state) || job.state === end) && job;
      });
    },
    async done(exchange) {
      const job = await agent.run(exchange);
      if (job.state !== 'done') {
        throw new Error(`${name} ${exchange}: ${job.state} ${JSON.stringify(job.problem)}`);
      }
      return job;
    },
  };
  return agent;
}

function logInto(warnings: string[]): PluginLog {
  const note = (facts: Readonly<Record<string, unknown>>) => {
    if (typeof facts.code === 'string') warnings.push(facts.code);
  };
  return { debug() {}, info() {}, warn: note, error: note };
}
