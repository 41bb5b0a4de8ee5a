import { randomUUID } from 'node:crypto';
import { isQianzhiError } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import type { LiveConfig } from '../live/live-config.js';
import type { ReceivedFeeds } from '../received/feed.js';
import { type Lookup, lookupAll } from './address.js';
import { type Courier, startCourier } from './courier.js';
import type { WebhookBody } from './letter.js';
import type { WebhookTarget } from './schema.js';
import { send } from './send.js';
import { openState } from './state.js';
import type { WebhookStatus } from './status.js';
import { openWebhookLog, type WebhookLog } from './webhook-log.js';

/** The webhooks of a running agent, by the config in force. */
export interface Webhooks {
  status(): readonly WebhookStatus[];
  /** Throws QZ_AGENT_WEBHOOK_UNKNOWN, _WEBHOOK_LETTER_UNKNOWN. Without an id all of the webhook; answers how many. */
  retry(webhook: string, id: string | undefined): Promise<number>;
  drop(webhook: string, id: string | undefined): Promise<number>;
  /** Sends a trial without records; answers to which host. Throws QZ_AGENT_WEBHOOK_FAILED, _WEBHOOK_ADDRESS. */
  test(webhook: string, signal: AbortSignal): Promise<string>;
  /** Config, feeds or lease may have changed. */
  changed(): void;
  close(): Promise<void>;
}

export interface WebhooksParts {
  readonly agent: string;
  readonly stateDir: string;
  readonly live: Pick<LiveConfig, 'loaded'>;
  readonly feeds: Pick<ReceivedFeeds, 'open'>;
  /** Ports that this agent listens on. */
  readonly ownPorts: readonly number[];
  readonly log: PluginLog;
  readonly now: () => Date;
  readonly lookup?: Lookup;
  /** Pauses between attempts, doubling from first to cap. Default 1 s and 15 min. */
  readonly retry?: { readonly firstMs: number; readonly capMs: number };
}

interface Started {
  readonly by: string;
  readonly courier: Courier;
}

export function startWebhooks(parts: WebhooksParts): Webhooks {
  const { live, log, now, lookup = lookupAll, retry = { firstMs: 1_000, capMs: 900_000 } } = parts;
  const started = new Map<string, Started>();
  let deliveries: WebhookLog | undefined;
  let closed = false;
  let working: Promise<void> = Promise.resolve();
  const config = () => live.loaded().config.webhooks;

  /** The rules are those in force at the moment of sending. */
  function sendTo(webhook: string, target: WebhookTarget, id: string, body: string, signal: AbortSignal) {
    const rules = { webhook, privateHosts: config().privateHosts, ownPorts: parts.ownPorts };
    return send({ webhook, target, rules, lookup }, id, body, signal);
  }

  async function start(name: string, target: WebhookTarget): Promise<void> {
    const file = await openState(parts.stateDir, name);
    deliveries ??= await openWebhookLog(parts.stateDir, now);
    const courier = startCourier({
      name,
      agent: parts.agent,
      target,
      feed: () => parts.feeds.open({ exchange: target.exchange }),
      file,
      send: (id, body, signal) => sendTo(name, target, id, body, signal),
      deliveries,
      log,
      now,
      retry,
    });
    started.set(name, { by: JSON.stringify(target), courier });
  }

  /** A webhook whose config changed goes on where it was. */
  async function follow(): Promise<void> {
    const { targets } = config();
    for (const [name, { by, courier }] of started) {
      const target = targets[name];
      if (!closed && target && JSON.stringify(target) === by) continue;
      started.delete(name);
      await courier.close();
    }
    for (const [name, target] of Object.entries(closed ? {} : targets)) {
      if (!started.has(name)) await start(name, target);
    }
    for (const { courier } of started.values()) courier.look();
  }

  function changed(): void {
    working = working.then(follow).catch((error) => {
      const facts = isQianzhiError(error) ? { code: error.code } : { error: String(error) };
      log.error(facts, 'webhooks could not be started');
    });
  }

  function courierOf(webhook: string): Courier {
    const found = started.get(webhook);
    if (found) return found.courier;
    const known = [...started.keys()].join(', ') || '—';
    throw agentErrors.WEBHOOK_UNKNOWN({ webhook, known });
  }

  changed();
  return {
    status: () => [...started.values()].map(({ courier }) => courier.status()),
    retry: (webhook, id) => courierOf(webhook).retryDead(id),
    drop: (webhook, id) => courierOf(webhook).dropDead(id),
    async test(webhook, signal) {
      courierOf(webhook);
      const target = config().targets[webhook]!;
      const body = trialOf(parts.agent, webhook, target, now());
      const outcome = await sendTo(webhook, target, `msg_${randomUUID()}`, body, signal);
      if (!outcome.sent) throw outcome.error;
      log.info({ webhook, status: outcome.status }, 'webhook took a trial');
      return new URL(target.url).host;
    },
    changed,
    async close() {
      closed = true;
      changed();
      await working;
      await deliveries?.close();
    },
  };
}

function trialOf(agent: string, webhook: string, { exchange }: WebhookTarget, at: Date): string {
  const body: WebhookBody = {
    type: 'test',
    timestamp: at.toISOString(),
    data: { agent, webhook, exchange, resource: '', records: [] },
  };
  return JSON.stringify(body);
}
