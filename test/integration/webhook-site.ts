import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentOptions, type RunningAgent, startAgent } from '../../packages/agent/src/start-agent.js';
import { createFirmSite, type FirmSite } from './firm.js';
import { until } from './until.js';
import { type Receiver, secret, startReceiver } from './webhook-receiver.js';

export interface WebhookSite {
  readonly site: FirmSite;
  readonly receiver: Receiver;
  readonly configFile: string;
  /** Of the consuming agent, as it was started last. */
  readonly sw: RunningAgent;
  readonly agreement: string;
  /** Writes the config of the consuming agent, with what a test changes about its webhook and the rest. */
  configure(target?: object, more?: object): Promise<void>;
  start(options?: AgentOptions['webhooks']): Promise<RunningAgent>;
  stop(): Promise<void>;
  /** Sends what the provider has changed. */
  supply(): Promise<unknown>;
  hook(): ReturnType<RunningAgent['status']>['webhooks'][number];
  close(): Promise<void>;
}

export const fast = { firstMs: 20, capMs: 100 };

/** mz supplies firms, sw receives them all the time into an inbox whose changes go to a business system; nothing is started at sw. */
export async function createWebhookSite(rows = 5): Promise<WebhookSite> {
  const site = await createFirmSite({ rows });
  const receiver = await startReceiver();
  const configFile = join(site.folder, 'sw-1-agent.json');
  await site.mz.start();
  await site.enrol('sw-1', 'sw', { connectors: {}, exchanges: [] });
  const { id: agreement } = await site.subscribe('sw', 'firm');
  let running: RunningAgent | undefined;
  const made: WebhookSite = {
    site,
    receiver,
    configFile,
    agreement,
    get sw() {
      return running!;
    },
    async configure(target = {}, more = {}) {
      const config = {
        platform: { url: site.url },
        stateDir: join(site.folder, 'sw-1-state'),
        log: { level: 'error' },
        connectors: { inbox: { type: 'inbox' } },
        exchanges: [
          {
            name: 'in',
            consume: 'firm',
            connector: 'inbox',
            modeOptions: { continuous: true },
            target: {},
          },
        ],
        webhooks: {
          privateHosts: ['127.0.0.1', 'hook.test'],
          targets: {
            oa: { exchange: 'in', url: receiver.url, secret, batch: { ms: 0 }, timeoutSeconds: 5, ...target },
          },
        },
        ...more,
      };
      await writeFile(configFile, JSON.stringify(config));
    },
    async start(options = {}) {
      running = await startAgent(configFile, AbortSignal.timeout(60_000), {
        webhooks: { retry: fast, ...options },
      });
      return running;
    },
    async stop() {
      await running?.stop();
      running = undefined;
    },
    supply: () => site.mz.done('out'),
    hook: () => running!.status().webhooks[0]!,
    async close() {
      await made.stop();
      await receiver.close();
      await site.close();
    },
  };
  await made.configure();
  return made;
}

/** Waits until the receiver holds exactly these. */
export function holds({ receiver }: WebhookSite, wanted: Readonly<Record<string, string>>): Promise<unknown> {
  const text = (all: object) => JSON.stringify(Object.entries(all).toSorted());
  return until(`the receiver holds ${text(wanted)}`, () => text(receiver.held()) === text(wanted));
}
