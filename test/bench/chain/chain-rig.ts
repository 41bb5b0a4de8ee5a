import { setTimeout } from 'node:timers/promises';
import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { type CatalogResource, personRoutes, type ReadStrategy } from '@qianzhi/model';
import { createRig, type Rig, type RigAgent } from '../../e2e/rig.js';
import type { Databases } from './databases.js';
import { enterpriseResource } from './enterprise.js';
import { cpuMicrosOf, peakRssMiBOf } from './process-figures.js';

export type Role = 'provider' | 'platform' | 'consumer';
export type PerRole = Readonly<Record<Role, number>>;

export function perRole(figure: (role: Role) => number): PerRole {
  return { provider: figure('provider'), platform: figure('platform'), consumer: figure('consumer') };
}

/** Platform and two agents as processes, each resource an exchange of its own from `enterprise` to a table of its name. */
export interface ChainRig {
  /**
   * Has the provider read the table under this resource: from the order until the platform holds receipts of stage
   * `applied` over all that was stored. The target table is there. Answers seconds, and CPU of each process.
   */
  move(resource: string): Promise<{ readonly seconds: number; readonly cpuMicros: PerRole }>;
  /** Of each process since its start. */
  peakRssMiB(): PerRole;
  readonly pids: PerRole;
  /** Of each process since its start. */
  cpuMicros(): PerRole;
  readonly agents: { readonly provider: RigAgent['control']; readonly consumer: RigAgent['control'] };
  close(): Promise<void>;
}

export interface ChainRigOptions {
  readonly resources: readonly string[];
  readonly strategy?: ReadStrategy;
  /** Both sides keep running, from the start. */
  readonly continuous?: boolean;
  /** Environment of the three processes. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Names of the environment variables that hold the servers' passwords: a config holds none. */
const SOURCE_PASSWORD = 'QZ_BENCH_SOURCE_PASSWORD';
const TARGET_PASSWORD = 'QZ_BENCH_TARGET_PASSWORD';
const LOOK_EVERY_MS = 250;
export const MOVE_DEADLINE_MS = 30 * 60_000;

export async function createChainRig(
  databases: Pick<Databases, 'sourceUrl' | 'targetUrl'>,
  options: ChainRigOptions,
): Promise<ChainRig> {
  const { resources, strategy = 'snapshot', continuous = false } = options;
  return openChainRig({
    env: { ...options.env, ...serverEnv(databases) },
    resources: resources.map(enterpriseResource),
    provider: providerConfig(databases.sourceUrl, resources, strategy, continuous),
    consumer: consumerConfig(databases.targetUrl, resources, continuous),
  });
}

export interface ChainSetting {
  readonly env: Readonly<Record<string, string>>;
  readonly resources: readonly CatalogResource[];
  /** Config of the agent that supplies each by the exchange `supply-CODE`, and of the one that fetches it by `pull-CODE`. */
  readonly provider: string;
  readonly consumer: string;
}

export async function openChainRig({ env, resources, ...configs }: ChainSetting): Promise<ChainRig> {
  const rig = await createRig(env);
  try {
    await rig.enrol('provider', 'mz', configs.provider);
    const provider = await rig.startAgent('provider', env);
    for (const resource of resources) await rig.publish(resource, 'provider');
    for (const { code } of resources) await rig.subscribe(code);
    await rig.enrol('consumer', 'sw', configs.consumer);
    const consumer = await rig.startAgent('consumer', env);
    await provider.control.call(controlRoutes.sync, {});
    await consumer.control.call(controlRoutes.sync, {});
    return rigOf(rig, provider, consumer);
  } catch (error) {
    await rig.close();
    throw error;
  }
}

function rigOf(rig: Rig, provider: RigAgent, consumer: RigAgent): ChainRig {
  const pids = { provider: provider.process.pid, platform: rig.platform.pid, consumer: consumer.process.pid };
  const ofEach = (figure: (pid: number) => number) => perRole((role) => figure(pids[role]));
  return {
    pids,
    cpuMicros: () => ofEach(cpuMicrosOf),
    agents: { provider: provider.control, consumer: consumer.control },
    peakRssMiB: () => ofEach(peakRssMiBOf),
    close: () => rig.close(),
    async move(resource) {
      const listening = await runJob(consumer, `pull-${resource}`);
      const appliedBefore = await appliedOf(rig, resource);
      const before = ofEach(cpuMicrosOf);
      const start = Date.now();
      const reading = await runJob(provider, `supply-${resource}`);
      const end = await lastApplied(rig, resource, appliedBefore.rows, () =>
        storedBy(provider, reading).finally(() => checkNotStopped(consumer, listening)),
      );
      const seconds = (end - start) / 1000;
      const after = ofEach(cpuMicrosOf);
      await consumer.control.call(controlRoutes.cancelJob, { params: { job: listening } });
      return { seconds, cpuMicros: perRole((role) => after[role] - before[role]) };
    },
  };
}

/** What an agent needs in its environment for the configs made here. */
export function serverEnv({
  sourceUrl,
  targetUrl,
}: Pick<Databases, 'sourceUrl' | 'targetUrl'>): Readonly<Record<string, string>> {
  return {
    [SOURCE_PASSWORD]: new URL(sourceUrl).password,
    [TARGET_PASSWORD]: new URL(targetUrl).password,
  };
}

export async function runJob(agent: RigAgent, exchange: string): Promise<string> {
  return (await agent.control.call(controlRoutes.runJob, { params: { exchange } })).id;
}

/** A run that went wrong is told at once, not at the deadline. */
async function checkNotStopped({ control, name }: RigAgent, job: string): Promise<JobInfo> {
  const found = await control.call(controlRoutes.showJob, { params: { job } });
  const { state, problem } = found;
  if (problem && (state === 'failed' || state === 'waiting')) {
    throw new Error(`${name}: ${problem.code} ${problem.texts.en.message}`);
  }
  return found;
}

/** The job when it is done; throws where it failed or waits. */
export async function doneJob(agent: RigAgent, job: string): Promise<JobInfo> {
  for (const deadline = Date.now() + MOVE_DEADLINE_MS; ; ) {
    const found = await checkNotStopped(agent, job);
    if (found.state === 'done') return found;
    if (Date.now() > deadline) throw new Error(`${agent.name}: job ${job} is ${found.state}`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** Rows that a run has stored at the platform, once it is over: rows read again by an overlap may be among them. */
async function storedBy(provider: RigAgent, job: string): Promise<number | undefined> {
  const { state, summary } = await checkNotStopped(provider, job);
  return state === 'done' ? summary?.stored : undefined;
}

interface Applied {
  readonly rows: number;
  /** When the last of their receipts was issued. */
  readonly at: number;
}

async function appliedOf(rig: Rig, resource: string): Promise<Applied> {
  let [rows, at] = [0, 0];
  for (let after: string | undefined; ; ) {
    const query = { resource, limit: 1000, ...(after !== undefined && { after }) };
    const { receipts } = await rig.as('consumer').call(personRoutes.listReceipts, { query });
    for (const { body } of receipts.filter((one) => one.body.stage === 'applied')) {
      rows += body.rows;
      at = Date.parse(body.issuedAt);
    }
    if (receipts.length < 1000) return { rows, at };
    after = receipts.at(-1)!.body.id;
  }
}

/**
 * When the receipt was issued with which all is applied that the run stored; waits until the platform holds it. It looks
 * seldom, so that looking costs the platform next to nothing.
 */
async function lastApplied(
  rig: Rig,
  resource: string,
  appliedBefore: number,
  stored: () => Promise<number | undefined>,
): Promise<number> {
  for (const deadline = Date.now() + MOVE_DEADLINE_MS; ; ) {
    const wanted = await stored();
    const { rows, at } = wanted === undefined ? { rows: 0, at: 0 } : await appliedOf(rig, resource);
    if (wanted !== undefined && rows - appliedBefore >= wanted) return at;
    if (Date.now() > deadline) throw new Error(`${rows} rows of ${resource} were applied`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

const KEEP_RUNNING = '{ continuous: true }';

export function providerConfig(
  url: string,
  resources: readonly string[],
  strategy: ReadStrategy,
  continuous = false,
): string {
  const how = continuous ? `modeOptions: ${KEEP_RUNNING}` : 'schedule: {}';
  const source =
    strategy === 'watermark'
      ? '{ table: enterprise, watermark: { column: changed_at, overlapSeconds: 1 } }'
      : '{ table: enterprise }';
  const exchanges = resources.map(
    (code) =>
      `  - { name: supply-${code}, supply: ${code}, connector: legacy, strategy: ${strategy}, source: ${source}, ${how} }`,
  );
  return `connectors:\n  legacy: ${connectorAt(url, SOURCE_PASSWORD)}\nexchanges:\n${exchanges.join('\n')}\n`;
}

function consumerConfig(url: string, resources: readonly string[], continuous: boolean): string {
  const how = continuous ? KEEP_RUNNING : `{ waitMs: ${MOVE_DEADLINE_MS} }`;
  const exchanges = resources.map(
    (code) =>
      `  - { name: pull-${code}, consume: ${code}, connector: own, target: { table: ${code} }, modeOptions: ${how} }`,
  );
  return `connectors:\n  own: ${connectorAt(url, TARGET_PASSWORD)}\nexchanges:\n${exchanges.join('\n')}\n`;
}

function connectorAt(url: string, variable: string): string {
  const { hostname, port, username, pathname } = new URL(url);
  const password = `\${env:${variable}}`;
  return `{ type: postgres, host: ${hostname}, port: ${port}, user: ${username}, password: '${password}', database: ${pathname.slice(1)} }`;
}
