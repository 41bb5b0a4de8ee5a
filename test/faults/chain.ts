import { realpathSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { controlRoutes, type JobInfo } from '@qianzhi/agent/control';
import { createClient, type PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import type { PlatformConfigInput } from '@qianzhi/platform';
import { eventually, type Program } from '../e2e/program.js';
import { createRig, PASSWORD, type Rig, type RigAgent } from '../e2e/rig.js';
import { resourceOf } from '../fixtures/resource.js';
import { insertRows, rowsOf, sql } from '../fixtures/tables.js';
import { rowsOfPlatform } from './platform-rows.js';

/**
 * A platform and the agents of 民政 (mz) and 税务 (sw) as processes of their own. `village` is large, read by comparison and
 * granted whole; `firm` is small, read from a change table and granted without its telephone, so that the platform projects it.
 * One row of each is too long for its item and stays behind.
 */
export interface Chain extends Rig {
  readonly auditor: PlatformClient;
  readonly dataDir: string;
  /** Files of source and target, unless the chain was given other ends. */
  readonly legacy: string;
  readonly target: string;
  readonly ends: Ends;
  readonly agreements: ReadonlyMap<string, string>;
  /** Environment of the next starts of the platform. */
  readonly platformEnv: Record<string, string>;
  start(env?: Starts): Promise<void>;
  agent(name: AgentName): RigAgent;
  process(name: ProcessName): Program;
  /** Starts one agent, again. */
  startOne(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  /** Ends all three at one moment, or in good order. */
  end(how: 'power' | 'stop'): Promise<void>;
  /** The folder of everything becomes `folder`, which is gone afterwards. All must have ended. */
  become(folder: string): Promise<void>;
  /** Rows of the platform's own tables. */
  platformRows<T>(text: string): Promise<T[]>;
  /** Queues a run. */
  begin(exchange: string): Promise<JobInfo>;
  /** Runs an exchange and waits until it is done. */
  done(exchange: string): Promise<void>;
  /** Supplies and pulls both resources, and waits until all is done. */
  exchangeAll(): Promise<void>;
}

export type AgentName = 'mz' | 'sw';
export type ProcessName = AgentName | 'platform';
export type Starts = Readonly<Partial<Record<ProcessName, Readonly<Record<string, string>>>>>;

export interface ChainOptions {
  readonly villages: number;
  readonly firms: number;
  /** SQLite files where none are told; they hold the rows already. */
  readonly ends?: (at: Rig['at']) => Promise<Ends>;
  /** Where the platform's tables are, if not where its settings have them. */
  readonly state?: PlatformState;
  /** Settings of the platform. */
  readonly platform?: Partial<PlatformConfigInput>;
}

/** Databases that are read from and written to. */
export interface Ends {
  /** A connector's settings in YAML. */
  readonly connector: Readonly<Record<'source' | 'target', string>>;
  /** Values of a table as text, in order of the first column. */
  rows(end: 'source' | 'target', resource: ResourceName): Promise<(string | null)[][]>;
}

/** The database of the platform, which the platform itself may reach by another way. */
export interface PlatformState {
  readonly database: NonNullable<PlatformConfigInput['database']>;
  query<T>(sql: string): Promise<T[]>;
}

export const columns = { village: ['code', 'name'], firm: ['code', 'name'] } as const;
export type ResourceName = keyof typeof columns;
export const resources: readonly ResourceName[] = ['village', 'firm'];
export const exchanges = ['out-village', 'out-firm', 'in-village', 'in-firm'];
const NAME_LENGTH = 40;
const tooLong = 'x'.repeat(NAME_LENGTH + 1);

export async function createChain(options: ChainOptions): Promise<Chain> {
  const platformEnv: Record<string, string> = {};
  const settings = { ...options.platform, ...(options.state && { database: options.state.database }) };
  const rig = await createRig(platformEnv, settings);
  const agreements = new Map<string, string>();
  const legacy = rig.at('legacy.sqlite');
  const agents = new Map<AgentName, RigAgent>();
  const target = rig.at('own.sqlite');
  const ends = (await options.ends?.(rig.at)) ?? sqliteEnds(legacy, target);
  if (!options.ends) makeLegacy(legacy, options);
  const body = {
    account: 'auditor',
    name: 'auditor',
    department: null,
    roles: ['auditor' as const],
    password: PASSWORD,
  };
  await rig.as('officer').call(personRoutes.createAccount, { body });
  for (const name of ['mz', 'sw'] as const) await rig.enrol(name, name, agentConfig(name, { ends }));
  for (const code of resources) {
    const more = code === 'firm' ? [{ column: 'phone' }] : [];
    await rig.publish(resourceOf(code, [...columns[code].map((column) => ({ column })), ...more]), 'mz');
  }

  const port = () => Number(new URL(rig.url).port);
  const processes = () => [rig.platform, ...[...agents.values()].map((agent) => agent.process)];

  const chain: Omit<Chain, keyof Rig> = {
    auditor: await signInAuditor(rig),
    dataDir: rig.at('platform'),
    legacy,
    target,
    ends,
    agreements,
    platformEnv,
    agent: (name) => agents.get(name)!,
    process: (name) => (name === 'platform' ? rig.platform : agents.get(name)!.process),
    async start(env = {}) {
      await this.startOne('platform', env.platform);
      await this.startOne('mz', env.mz);
      await this.startOne('sw', env.sw);
    },
    async startOne(name, env = {}) {
      if (name !== 'platform') {
        agents.set(name, await rig.startAgent(name, env));
        return;
      }
      for (const old of Object.keys(platformEnv)) delete platformEnv[old];
      Object.assign(platformEnv, env);
      await rig.startPlatform(port());
    },
    async end(how) {
      if (how === 'power') {
        for (const { pid } of processes()) signal(pid, 'SIGSTOP');
        await Promise.all(processes().map((one) => one.stop('SIGKILL')));
        return;
      }
      for (const agent of agents.values()) await agent.process.stop();
      await rig.platform.stop();
    },
    async become(folder) {
      await rm(rig.folder, { recursive: true });
      await rename(folder, rig.folder);
    },
    platformRows: (text) =>
      options.state?.query(text) ??
      rowsOfPlatform(text, rig.at('platform/platform.sqlite'), options.platform),
    begin: (exchange) => {
      const name = exchange.startsWith('out-') ? 'mz' : 'sw';
      return agents.get(name)!.control.call(controlRoutes.runJob, { params: { exchange } });
    },
    done,
    async exchangeAll() {
      for (const exchange of exchanges) await done(exchange);
    },
  };

  /** What a crash interrupted goes on with a next start; a run by hand takes it up. */
  async function done(exchange: string): Promise<void> {
    const agent = agents.get(exchange.startsWith('out-') ? 'mz' : 'sw')!;
    const { id } = await chain.begin(exchange);
    let job: JobInfo | undefined;
    const itsEnd = eventually(`${exchange} to be done`, 90_000, async () => {
      job = await agent.control.call(controlRoutes.showJob, { params: { job: id } });
      if (job.state === 'failed') throw new Error(`${exchange}: ${JSON.stringify(job.problem)}`);
      return job.state === 'done' || undefined;
    });
    await itsEnd.catch((cause) => {
      throw new Error(`${exchange}: ${JSON.stringify(job)}`, { cause });
    });
  }

  const made = Object.assign(Object.create(rig) as Rig, chain, {
    folder: realpathSync(rig.folder),
    async signInAgain() {
      await rig.signInAgain();
      await made.auditor.close();
      Object.assign(made, { auditor: await signInAuditor(rig) });
    },
    async close() {
      await made.auditor.close();
      await rig.close();
    },
  });
  return made;
}

export async function signInAuditor({ url }: Rig): Promise<PlatformClient> {
  const anonymous = createClient({ url, identity: { kind: 'anonymous' } });
  const body = { account: 'auditor', password: PASSWORD };
  const { token } = await anonymous.call(personRoutes.signIn, { body });
  await anonymous.close();
  return createClient({ url, identity: { kind: 'person', token } });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Grants sw both resources, of `firm` all but the telephone. */
export async function subscribeAll(chain: Chain): Promise<void> {
  for (const resource of resources) {
    const purpose = { usage: 'work-reference' as const, matter: '税源管理', legalBasis: '' };
    const items = resource === 'firm' ? [...columns.firm] : [];
    const body = { resource, items, purpose, modes: ['docking' as const] };
    const { id } = await chain.as('consumer').call(personRoutes.apply, { body });
    (chain.agreements as Map<string, string>).set(resource, id);
  }
}

function sqliteEnds(legacy: string, target: string): Ends {
  const file = { source: legacy, target };
  return {
    connector: {
      source: '{ type: sqlite, path: ./legacy.sqlite, readOnly: true }',
      target: '{ type: sqlite, path: ./own.sqlite, create: true }',
    },
    rows: async (end, resource) => rowsOf(file[end], resource, columns[resource]),
  };
}

const supplierConfig = (connector: string) => `connectors: { legacy: ${connector} }
exchanges:
  - { name: out-village, supply: village, connector: legacy, strategy: diff, rejectLimit: 0.5, source: { table: village } }
  - { name: out-firm, supply: firm, connector: legacy, strategy: change-table, rejectLimit: 0.5, source: { table: firm, changeTable: { table: firm_log, serial: n, op: op } } }
`;

const consumerConfig = (connector: string) => `connectors: { own: ${connector} }
exchanges:
${resources.map((code) => `  - { name: in-${code}, consume: ${code}, connector: own, target: { table: ${code}, create: true } }`).join('\n')}
`;

/** What an agent is configured with besides platform and state folder. */
export function agentConfig(name: AgentName, { ends }: Pick<Chain, 'ends'>): string {
  return name === 'mz' ? supplierConfig(ends.connector.source) : consumerConfig(ends.connector.target);
}

export function villages(from: number, count: number): [string, string][] {
  return Array.from({ length: count }, (_, n) => [
    String(from + n).padStart(9, '0'),
    `村${(from + n) % 977}`,
  ]);
}

function firms(from: number, count: number): [string, string, string][] {
  return Array.from({ length: count }, (_, n) => [
    `c${String(from + n).padStart(5, '0')}`,
    `名称${from + n}`,
    `138${n}`,
  ]);
}

function makeLegacy(file: string, options: ChainOptions): void {
  const log = (op: string, event: string, row: string) =>
    `CREATE TRIGGER log_${op} AFTER ${event} ON firm BEGIN INSERT INTO firm_log (op, code) VALUES ('${op}', ${row}.code); END`;
  sql(
    file,
    'CREATE TABLE village (code TEXT PRIMARY KEY, name TEXT)',
    'CREATE TABLE firm (code TEXT PRIMARY KEY, name TEXT, phone TEXT)',
    'CREATE TABLE firm_log (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, code TEXT)',
    ...[log('I', 'INSERT', 'NEW'), log('U', 'UPDATE', 'NEW'), log('D', 'DELETE', 'OLD')],
  );
  insertRows(file, 'village', villages(0, options.villages));
  insertRows(file, 'firm', firms(0, options.firms));
  sql(
    file,
    `INSERT INTO village VALUES ('v-long', '${tooLong}')`,
    `INSERT INTO firm VALUES ('f-long', '${tooLong}', '')`,
  );
}

/** A day's work in the legacy database: some rows of each resource changed, added and removed. */
export function work(chain: Chain, day: number, villagesChanged = 50): void {
  const key = (n: number) => String(n).padStart(9, '0');
  sql(
    chain.legacy,
    `UPDATE village SET name = substr(name, 1, 10) || '·${day}' WHERE code < '${key(villagesChanged)}'`,
    `DELETE FROM village WHERE code = '${key(1000 + day)}'`,
    `UPDATE firm SET name = 'day ${day}' WHERE code < 'c00020'`,
    `DELETE FROM firm WHERE code = 'c000${50 + day}'`,
  );
  insertRows(chain.legacy, 'village', villages(900_000_000 + day * 1000, 20));
  insertRows(chain.legacy, 'firm', firms(10_000 + day * 100, 5));
}

/** So much, and so little alike, that its batch is a file of its own at the platform and in the inbox. */
export function workMuch(chain: Chain, day: number): void {
  work(chain, day);
  sql(chain.legacy, `UPDATE village SET name = hex(randomblob(20)) WHERE code < '000010000'`);
}
