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
import { readIdentity } from '../../packages/agent/src/identity/identity-file.js';
import { createPlatformLink, type PlatformLink } from '../../packages/agent/src/link/platform-link.js';
import { loadPlugins } from '../../packages/agent/src/plugins.js';
import { engineOptions } from '../../packages/agent/src/start-agent.js';
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
  /** Codes the agent warned or raised, in order. */
  readonly warnings: readonly string[];
  /** Writes the config the next start reads. */
  configure(parts: AgentParts): Promise<void>;
  /** The next start goes to the platform by this address. */
  reach(url: string): Promise<void>;
  start(changes?: StartChanges): Promise<void>;
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

export interface AgentPlace {
  readonly name: string;
  readonly folder: string;
  readonly url: () => string;
}

export function createSiteAgent({ name, folder, url }: AgentPlace): SiteAgent {
  const stateDir = join(folder, `${name}-state`);
  const configFile = join(folder, `${name}.json`);
  const warnings: string[] = [];
  let running: { engine: Engine; link: PlatformLink } | undefined;
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
    async start({ limits, channel = (http: Channel) => http, ...more } = {}) {
      const loaded = await loadConfig(configFile);
      const identity = (await readIdentity(stateDir))!;
      const tempDir = await mkdtemp(join(folder, 'tmp-'));
      const context = { log, now: () => new Date(), tempDir, timeZone: loaded.config.timeZone };
      const plugins = await loadPlugins(loaded, context);
      let engine: Engine | undefined;
      const link = createPlatformLink({
        identity,
        url: loaded.config.platform.url,
        stateDir,
        version: 'test',
        now: context.now,
        log,
        onChange: () => engine?.wake(),
        onFenced: () => undefined,
      });
      const options = await engineOptions(loaded, identity, link, plugins, tempDir, log);
      engine = await openEngine({
        ...options,
        ...more,
        channel: channel(options.channel),
        limits: { ...options.limits, ...FAST, ...limits },
      });
      running = { engine, link };
      await link.open(AbortSignal.timeout(15_000));
      await engine.start();
    },
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
