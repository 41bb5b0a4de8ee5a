import type { Engine } from '@qianzhi/engine';
import { type Exchange, isQianzhiError } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { type Alerts, openAlerts } from '../alerts/alerts.js';
import { channelsOf } from '../alerts/channels/channels.js';
import { judge } from '../alerts/conditions.js';
import type { Alert } from '../alerts/record.js';
import type { LoadedConfig } from '../config/load.js';
import type { Identity } from '../identity/identity-file.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { ConfigState } from '../live/config-state.js';
import { agentVersion } from '../version.js';
import type { WebhookStatus } from '../webhooks/status.js';
import { type AgentFacts, gatherFacts } from './agent-facts.js';
import type { QuerySource } from './agent-metrics.js';
import { watchCertificate } from './certificate.js';
import type { Connectors } from './connectors.js';

/** The agent's watch over itself: alerts, and what its operator's monitoring asks. */
export interface Watch {
  facts(): AgentFacts;
  alerts(): readonly Alert[];
  /** Where `/livez`, `/readyz` and `/metrics` are, if the config names a port. */
  readonly monitorUrl: string | undefined;
  /** What alerts are about may be another now: they are judged soon, not with the next regular look. */
  changed(): void;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly loaded: LoadedConfig;
  readonly identity: Identity;
  readonly link: PlatformLink;
  readonly engine: Engine;
  readonly connectors: Connectors;
  readonly config: () => ConfigState;
  readonly configured: () => readonly Exchange[];
  readonly queries: QuerySource;
  readonly webhooks: () => readonly WebhookStatus[];
  readonly log: PluginLog;
  readonly now: () => Date;
}

const CHECK_EVERY_MS = 15_000;
/** What happens together is looked at once. */
const SETTLE_MS = 300;

/** Throws QZ_MONITOR_PORT_UNUSABLE. */
export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { loaded, identity, engine, log, now } = options;
  const { alerts: config, monitor } = loaded.config;
  const certificate = watchCertificate(loaded.config.platform.url, log);
  const facts = () => gatherFacts({ ...options, certificate });
  const alerts = await openAlerts({
    stateDir: loaded.stateDir,
    agent: identity.agent,
    department: identity.department,
    channels: channelsOf(loaded.config),
    judge: () => judge(facts(), config.thresholds),
    resolveAfterMs: config.resolveAfterSeconds * 1000,
    now,
    log,
  });
  const checking = keepChecking(alerts, engine, log);
  const watch = { facts, alerts: alerts.list, changed: checking.soon };
  const close = async () => {
    certificate.close();
    await checking.stop();
    await alerts.close();
  };
  if (!monitor) return { ...watch, monitorUrl: undefined, close };
  try {
    // most agents have none: what it needs is loaded where it is asked for
    const { openMonitor } = await import('@qianzhi/monitor');
    const { agentMetrics } = await import('./agent-metrics.js');
    const { readiness } = await import('./readiness.js');
    const server = await openMonitor({
      ...monitor,
      metrics: agentMetrics({
        engine,
        queries: options.queries,
        facts,
        alerts: alerts.list,
        version: agentVersion,
      }),
      version: agentVersion,
      ready: () => readiness(facts()),
      failed: (error) => log.error({ error: nameOf(error) }, 'the monitor failed inside'),
    });
    log.info({ url: server.url }, 'monitor listens');
    return {
      ...watch,
      monitorUrl: server.url,
      async close() {
        await server.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Checking {
  soon(): void;
  stop(): Promise<void>;
}

/** Looks at regular times, and soon after something stopped or a job came to rest. */
function keepChecking(alerts: Alerts, engine: Engine, log: PluginLog): Checking {
  let running: Promise<void> = Promise.resolve();
  let soon: NodeJS.Timeout | undefined;
  let stopped = false;

  function check(): void {
    soon = undefined;
    running = alerts.check().catch((error) => log.error({ error: nameOf(error) }, 'judging alerts failed'));
  }

  function checkSoon(): void {
    if (!stopped) soon ??= setTimeout(check, SETTLE_MS);
  }

  const regular = setInterval(check, CHECK_EVERY_MS);
  const forget = engine.on((event) => {
    const isNews =
      event.kind === 'alarm' ||
      (event.kind === 'stream' && event.stream.problem !== undefined) ||
      (event.kind === 'job' && event.job.endedAt !== undefined);
    if (isNews) checkSoon();
  });
  check();
  return {
    soon: checkSoon,
    async stop() {
      stopped = true;
      forget();
      clearInterval(regular);
      clearTimeout(soon);
      await running;
    },
  };
}

/** The text of an unforeseen error may hold what it stumbled over. */
function nameOf(error: unknown): string {
  if (isQianzhiError(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
