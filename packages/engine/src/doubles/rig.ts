import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource, ConsumeExchange, SupplyExchange } from '@qianzhi/model';
import { isSupply } from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import type { ExchangeMode } from '@qianzhi/plugin-api';
import { openEngine } from '../engine.js';
import type { EngineOptions, Failpoint } from '../options.js';
import type { Engine, JobInfo } from '../surface.js';
import { createMemoryPlatform, type MemoryPlatform } from './memory-platform.js';
import { createMemoryTable, type MemoryTable, memoryConnection } from './memory-table.js';

export const village: CatalogResource = {
  code: 'village',
  name: '村',
  summary: '',
  department: 'civil',
  attribute: 'basic',
  subject: 'place',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'daily',
  schemaVersion: 1,
  items: [
    { name: '代码', column: 'code', type: 'C', length: 12, key: true },
    { name: '名称', column: 'name', type: 'C', length: 20, required: true },
  ],
};

export const supplyVillage: SupplyExchange = {
  name: 'village-out',
  mode: 'manual',
  connector: 'source',
  rejectLimit: 0.5,
  supply: 'village',
  strategy: 'change-table',
  source: {},
};

export const consumeVillage: ConsumeExchange = {
  name: 'village-in',
  mode: 'manual',
  connector: 'target',
  rejectLimit: 0.5,
  consume: 'village',
  target: {},
};

/** Runs only by hand. */
export const manualMode: ExchangeMode = {
  kind: 'mode',
  configSchema: { type: 'object' } as unknown as ExchangeMode['configSchema'],
  plan: () => [],
  nextDue: () => undefined,
  run: (_job, ports, signal) =>
    isSupply(ports.exchange)
      ? ports.supply(ports.exchange, {}, signal)
      : ports.consume(ports.exchange, { waitMs: 0 }, signal),
};

export interface Rig {
  readonly platform: MemoryPlatform;
  readonly source: MemoryTable;
  readonly target: MemoryTable;
  readonly folder: string;
  clock: { offsetMs: number };
  /** Opens and starts an engine on the same folder each time; at most one lives per side. */
  provider(more?: Partial<EngineOptions>): Promise<Engine>;
  consumer(more?: Partial<EngineOptions>): Promise<Engine>;
  /** Ends an engine as a crash does. */
  kill(engine: Engine): Promise<void>;
  cleanup(): Promise<void>;
}

export async function createRig(resource: CatalogResource = village): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-engine-'));
  const clock = { offsetMs: 0 };
  const now = () => new Date(Date.now() + clock.offsetMs);
  const platform = createMemoryPlatform(now);
  platform.setResource(resource);
  const signing = { civil: platform.addAgent('civil-1'), tax: platform.addAgent('tax-1') };
  platform.setDuty('civil-1');
  platform.grant();
  const source = createMemoryTable();
  const target = createMemoryTable();
  const open = new Set<Engine>();

  async function start(
    agent: string,
    key: SigningKey,
    defaults: Partial<EngineOptions>,
    more: Partial<EngineOptions>,
  ) {
    const engine = await openEngine({
      stateDir: join(folder, agent),
      tempDir: folder,
      identity: { agent, department: agent, signingKey: key },
      secretKey: new Uint8Array(32).fill(7),
      channel: platform.channel(agent),
      log: quiet,
      clock: { now, wait: (ms, signal) => (more.clock ?? realWait).wait(ms, signal) },
      exchanges: () => [],
      assignments: () => platform.assignments(agent),
      lease: () => platform.lease(agent),
      openConnection: async ({ connector }) => memoryConnection(connector === 'source' ? source : target),
      mode: () => manualMode,
      openEpoch: (recovery) => platform.openEpoch(recovery),
      ...defaults,
      ...more,
      limits: {
        backoffFirstMs: 10,
        backoffCapMs: 40,
        stopDeadlineMs: 2000,
        inboxFromBytes: 0,
        outboxFileFromBytes: 0,
        ...more.limits,
      },
    });
    open.add(engine);
    await engine.start();
    return engine;
  }

  return {
    platform,
    source,
    target,
    folder,
    clock,
    provider: (more = {}) => start('civil-1', signing.civil, { exchanges: () => [supplyVillage] }, more),
    consumer: (more = {}) => start('tax-1', signing.tax, { exchanges: () => [consumeVillage] }, more),
    async kill(engine) {
      open.delete(engine);
      await engine.stop({ deadlineMs: 0 });
    },
    async cleanup() {
      for (const engine of open) await engine.stop({ deadlineMs: 0 });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const realWait: Pick<NonNullable<EngineOptions['clock']>, 'wait'> = {
  wait: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const timer = setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          reject(signal.reason);
        },
        { once: true },
      );
    }),
};

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export const deadline = () => AbortSignal.timeout(10_000);

/** Runs an exchange by hand and waits for its end. */
export async function runNow(engine: Engine, exchange: string): Promise<JobInfo> {
  return await engine.jobs.ended(engine.jobs.run(exchange).id, deadline());
}

/** Waits for a condition with a deadline. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Throws at the n-th passing of a failpoint. */
export function failAt(name: Failpoint, nth = 1): (point: Failpoint) => void {
  let seen = 0;
  return (point) => {
    if (point === name && ++seen === nth) throw new Error(`crash at ${name}`);
  };
}
