import type { Engine } from '@qianzhi/engine';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { LiveConfig } from '../live/live-config.js';
import { ownPorts } from '../webhooks/address.js';
import { startWebhooks, type Webhooks, type WebhooksParts } from '../webhooks/webhooks.js';
import type { ReceivedFeeds } from './feed.js';
import { openReceived } from './received.js';

/** What this agent receives for business systems: feeds to read, and webhooks that bring them. */
export interface ReceivedSide {
  readonly feeds: ReceivedFeeds;
  readonly webhooks: Webhooks;
  /** Config, orders or lease may have changed. */
  changed(): void;
  close(): Promise<void>;
}

export interface ReceivedSideParts {
  readonly started: LoadedConfig;
  readonly agent: string;
  readonly live: LiveConfig;
  readonly link: PlatformLink;
  readonly engine: Engine;
  readonly log: PluginLog;
  readonly now: () => Date;
}

export function startReceived(
  { started, agent, live, link, engine, log, now }: ReceivedSideParts,
  webhookOptions: Pick<WebhooksParts, 'lookup' | 'retry'> = {},
): ReceivedSide {
  const feeds = openReceived({ live, link, engine, log, now });
  const webhooks = startWebhooks({
    agent,
    stateDir: started.stateDir,
    live,
    feeds,
    ownPorts: ownPorts(started.config),
    log,
    now,
    ...webhookOptions,
  });
  feeds.changed();
  return {
    feeds,
    webhooks,
    changed() {
      feeds.changed();
      webhooks.changed();
    },
    async close() {
      await webhooks.close();
      await feeds.close();
    },
  };
}
