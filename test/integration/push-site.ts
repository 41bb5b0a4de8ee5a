import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlatformConfigInput } from '@qianzhi/platform';
import { createApiKey } from '../../packages/agent/src/api/keys/api-keys.js';
import { type AgentOptions, type RunningAgent, startAgent } from '../../packages/agent/src/start-agent.js';
import { resourceOf } from '../fixtures/resource.js';
import { createSite, type Site } from './site.js';

/** Firms that a business system of mz pushes. */
export const pushedFirm = resourceOf('firm', [
  { column: 'code', length: 18 },
  { column: 'name', length: 40, required: true },
  { column: 'capital', type: 'N', precision: 30, scale: 2 },
  { column: 'active', type: 'L' },
]);

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a stranger sees of an answer
  readonly body: any;
  readonly headers: Headers;
}

export interface ApiCaller {
  readonly key: string;
  call(
    method: string,
    path: string,
    body?: string | object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

/** Site with mz-1, which supplies what is pushed by its API, and sw. */
export interface PushSite {
  readonly site: Site;
  readonly mz: RunningAgent;
  readonly url: string;
  agent(name: string): RunningAgent;
  stateDir(name: string): string;
  startMz(more?: object): Promise<void>;
  start(name: string, department: string, more: object, options?: AgentOptions): Promise<RunningAgent>;
  caller(agent: string, system: string, ...scopes: string[]): Promise<ApiCaller>;
  close(): Promise<void>;
}

export const pushConfig = {
  connectors: { api: { type: 'push' } },
  exchanges: [
    {
      name: 'out',
      supply: 'firm',
      connector: 'api',
      strategy: 'log',
      source: {},
      modeOptions: { continuous: true },
    },
  ],
  api: { port: 0 },
};

/** sw receives what was pushed for its own business systems. */
export const inboxConfig = {
  connectors: { inbox: { type: 'inbox' } },
  exchanges: [
    { name: 'in', consume: 'firm', connector: 'inbox', target: {}, modeOptions: { continuous: true } },
  ],
  api: { port: 0 },
};

export async function createPushSite(platform: Partial<PlatformConfigInput> = {}): Promise<PushSite> {
  const site = await createSite(() => platform);
  const running = new Map<string, RunningAgent>();
  const stateDir = (name: string) => join(site.folder, `${name}-state`);

  async function again(name: string, more: object, options?: AgentOptions): Promise<RunningAgent> {
    const file = join(site.folder, `${name}-agent.json`);
    const config = {
      platform: { url: site.url },
      stateDir: stateDir(name),
      log: { level: 'error' },
      ...more,
    };
    await writeFile(file, JSON.stringify(config));
    const agent = await startAgent(file, AbortSignal.timeout(60_000), options);
    running.set(name, agent);
    return agent;
  }

  async function start(
    name: string,
    department: string,
    more: object,
    options?: AgentOptions,
  ): Promise<RunningAgent> {
    if (running.has(name)) await running.get(name)!.stop();
    else await site.enrol(name, department, { connectors: {}, exchanges: [] });
    return await again(name, more, options);
  }

  await site.publish(pushedFirm);
  await start('mz-1', 'mz', pushConfig);
  await site.supply('firm', 'mz-1');
  return {
    site,
    get mz() {
      return running.get('mz-1')!;
    },
    get url() {
      return running.get('mz-1')!.status().api!.url;
    },
    agent: (name) => running.get(name)!,
    stateDir,
    async startMz(more = {}) {
      await start('mz-1', 'mz', { ...pushConfig, ...more });
    },
    start,
    async caller(agent, system, ...scopes) {
      const { text } = await createApiKey(stateDir(agent), { system, scopes }, new Date());
      return callerOf(() => running.get(agent)!.status().api!.url, text);
    },
    async close() {
      for (const agent of running.values()) await agent.stop();
      await site.close();
    },
  };
}

export function callerOf(url: () => string, key: string): ApiCaller {
  return {
    key,
    async call(method, path, body, headers = {}) {
      const type = typeof body === 'string' ? 'application/x-ndjson' : 'application/json';
      const response = await fetch(`${url()}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body !== undefined && { 'content-type': type }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text === '' ? undefined : JSON.parse(text),
        headers: response.headers,
      };
    },
  };
}

export const bulk = (...changes: readonly object[]) =>
  changes.map((one) => `${JSON.stringify(one)}\n`).join('');
