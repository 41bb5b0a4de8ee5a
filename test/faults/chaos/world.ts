import { writeFile } from 'node:fs/promises';
import { createClient, type PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import type { Program } from '../../e2e/program.js';
import { createRig, PASSWORD, type Rig, type RigAgent } from '../../e2e/rig.js';
import { resourceOf } from '../../fixtures/resource.js';
import { type MariadbServer, startMariadb } from '../../services/mariadb.js';
import { type PostgresServer, startPostgres } from '../../services/postgres.js';
import { rowsOfPlatform } from '../platform-rows.js';
import { type CommitCut, startCommitCut } from '../postgres/commit-cut.js';
import { mariadbSession, type Place, postgresSession, speech, sqliteSession } from './databases.js';
import { type ChaosTable, consumers, items, tables } from './tables.js';

export type AgentName = 'mz' | 'sw' | 'rs';
export type ProcessName = AgentName | 'platform';
export const agentNames: readonly AgentName[] = ['mz', 'sw', 'rs'];

/** A platform, a provider and two consumers as processes, their databases, and a line before each of all. */
export interface World {
  readonly rig: Rig;
  readonly servers: {
    readonly source: PostgresServer;
    readonly target: PostgresServer;
    readonly mariadb: MariadbServer;
  };
  /** Lines of agents to the platform and of agents to servers. */
  readonly lines: Readonly<Record<AgentName | 'source' | 'target' | 'mariadb', TcpProxy>>;
  readonly commits: { readonly source: CommitCut; readonly target: CommitCut };
  source(table: ChaosTable): Place;
  target(consumer: 'sw' | 'rs', table: ChaosTable): Place;
  agent(name: AgentName): RigAgent;
  process(name: ProcessName): Program;
  start(name: ProcessName, env?: Readonly<Record<string, string>>): Promise<void>;
  platformRows<T>(text: string): Promise<T[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const connectorOf = ({ kind, code }: ChaosTable) => (kind === 'sqlite' ? `lite_${code}` : kind);

export async function createWorld(): Promise<World> {
  const closers: (() => PromiseLike<void>)[] = [];
  const close = async () => {
    for (const closer of closers.toReversed()) await closer();
  };
  try {
    return { ...(await open(closers)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What has to be closed is in `closers` as soon as it is open. */
async function open(closers: (() => PromiseLike<void>)[]): Promise<Omit<World, typeof Symbol.asyncDispose>> {
  function kept<T extends AsyncDisposable>(one: T): T {
    closers.push(() => one[Symbol.asyncDispose]());
    return one;
  }
  const [source, target, mariadb] = await Promise.all([
    startPostgres({ settings: { wal_level: 'logical' } }),
    startPostgres(),
    startMariadb(),
  ]);
  for (const server of [source, target, mariadb]) kept(server);
  const platformEnv: Record<string, string> = {};
  const rig = await createRig(platformEnv, { leaseSeconds: 5 });
  const commits = {
    source: kept(await startCommitCut(portOf(source.url))),
    target: kept(await startCommitCut(portOf(target.url))),
  };
  const line = async (port: number) => kept(await startTcpProxy({ target: { host: '127.0.0.1', port } }));
  const platformPort = portOf(rig.url);
  const lines = {
    mz: await line(platformPort),
    sw: await line(platformPort),
    rs: await line(platformPort),
    source: await line(commits.source.port),
    target: await line(commits.target.port),
    mariadb: await line(portOf(mariadb.url)),
  };
  // before its lines and servers
  closers.push(() => rig.close());
  const agents = new Map<AgentName, RigAgent>();
  await people(rig);

  const world: Omit<World, typeof Symbol.asyncDispose> = {
    rig,
    servers: { source, target, mariadb },
    lines,
    commits,
    source: ({ kind, code }) => {
      if (kind === 'sqlite') return { kind, table: code, open: sqliteSession(rig.at(`${code}.sqlite`)) };
      if (kind === 'mariadb') return { kind, table: code, open: mariadbSession(mariadb.url, 'legacy') };
      return { kind, table: code, open: postgresSession(source.url) };
    },
    target: (consumer, table) => {
      const { code } = table;
      const kind = consumers.find(({ name }) => name === consumer)!.kindOf(table);
      if (kind === 'sqlite') return { kind, table: code, open: sqliteSession(rig.at(`${consumer}.sqlite`)) };
      if (kind === 'mariadb') return { kind, table: code, open: mariadbSession(mariadb.url, consumer) };
      return { kind, table: `${consumer}.${code}`, open: postgresSession(target.url) };
    },
    agent: (name) => agents.get(name)!,
    process: (name) => (name === 'platform' ? rig.platform : agents.get(name)!.process),
    async start(name, env = {}) {
      if (name !== 'platform') {
        agents.set(name, await rig.startAgent(name, env));
        return;
      }
      for (const old of Object.keys(platformEnv)) delete platformEnv[old];
      Object.assign(platformEnv, env);
      await rig.startPlatform(platformPort);
    },
    platformRows: (text) => rowsOfPlatform(text, rig.at('platform/platform.sqlite')),
  };
  await fill(world);
  await configure(world);
  for (const { code } of tables) await rig.publish(resourceOf(code, items), 'mz');
  for (const name of agentNames) await world.start(name);
  return world;
}

const portOf = (url: string) => Number(new URL(url).port);

/** A third department with a consumer, and one who may see all. */
async function people(rig: Rig): Promise<void> {
  const officer = rig.as('officer');
  const department = { id: 'rs', name: '人社局', police: false, competent: false };
  await officer.call(personRoutes.putDepartment, { params: { id: 'rs' }, body: department });
  const account = { account: 'auditor', name: 'auditor', department: null, password: PASSWORD };
  await officer.call(personRoutes.createAccount, { body: { ...account, roles: ['auditor'] } });
}

export async function signIn({ url }: Rig, account: string): Promise<PlatformClient> {
  const anonymous = createClient({ url, identity: { kind: 'anonymous' } });
  const { token } = await anonymous.call(personRoutes.signIn, { body: { account, password: PASSWORD } });
  await anonymous.close();
  return createClient({ url, identity: { kind: 'person', token } });
}

async function fill({ source, servers, rig }: Pick<World, 'source' | 'servers' | 'rig'>): Promise<void> {
  const admin = await mariadbSession(servers.mariadb.url, 'mysql')();
  for (const name of ['legacy', 'sw', 'rs']) await admin.run(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  await admin.end();
  const target = await postgresSession(servers.target.url)();
  for (const { name } of consumers) await target.run(`CREATE SCHEMA ${name}`);
  await target.end();
  for (const table of tables) {
    const session = await source(table).open();
    if (table.kind === 'sqlite') await session.rows('PRAGMA journal_mode = WAL');
    await session.run(speech[table.kind].create(table.code));
    await session.end();
  }
  for (const [file, url] of [
    ['source-password', servers.source.url],
    ['target-password', servers.target.url],
    ['mariadb-password', servers.mariadb.url],
  ] as const) {
    await writeFile(rig.at(file), new URL(url).password, { mode: 0o600 });
  }
}

async function configure({ rig, lines }: Pick<World, 'rig' | 'lines'>): Promise<void> {
  const server = (name: 'source' | 'target' | 'mariadb', more: object) => {
    const type = name === 'mariadb' ? 'mysql' : 'postgres';
    const { port } = lines[name];
    return { type, host: '127.0.0.1', port, user: 'qianzhi', password: `\${file:${name}-password}`, ...more };
  };
  const limits = { concurrentJobs: 6 };
  const json = (config: object) =>
    Object.entries(config)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
      .join('');
  const reach = (name: AgentName) => `http://127.0.0.1:${lines[name].port}`;

  const lite = tables.filter(({ kind }) => kind === 'sqlite');
  const connectors = {
    postgres: server('source', { database: 'postgres' }),
    mariadb: server('mariadb', { database: 'legacy' }),
    ...Object.fromEntries(
      lite.map((one) => [connectorOf(one), { type: 'sqlite', path: `./${one.code}.sqlite` }]),
    ),
  };
  await rig.enrol('mz', 'mz', json({ connectors, limits }));
  const exchanges = [];
  for (const table of tables) {
    const { code, strategy } = table;
    const more = { schedule: {}, rejectLimit: 0, source: { table: code, ...(await strategyOf(rig, table)) } };
    exchanges.push({ name: `out-${code}`, supply: code, connector: connectorOf(table), strategy, ...more });
  }
  await rig.writeConfig('mz', json({ connectors, limits, exchanges }), reach('mz'));

  for (const { name, kindOf } of consumers) {
    const own = {
      postgres: server('target', { database: 'postgres', schema: name }),
      mariadb: server('mariadb', { database: name }),
      sqlite: { type: 'sqlite', path: `./${name}.sqlite`, create: true },
    };
    const consumed = tables.map((table) => ({
      name: `in-${table.code}`,
      consume: table.code,
      connector: kindOf(table),
      schedule: {},
      target: { table: table.code, create: true },
    }));
    const config = json({ connectors: own, limits, exchanges: consumed });
    await rig.enrol(name, name, config);
    await rig.writeConfig(name, config, reach(name));
  }
}

/** What `source` says beside its table; triggers are made by the product's own command. */
async function strategyOf(rig: Rig, table: ChaosTable): Promise<object> {
  switch (table.strategy) {
    case 'watermark':
      return { watermark: { column: 'updated_at', overlapSeconds: 2 } };
    case 'flag':
      return { flag: { column: 'mark' } };
    case 'change-table': {
      const install = ['connector', 'capture', 'install', connectorOf(table), '--table', table.code, '--yes'];
      const { code, answer } = await rig.json<{ changeTable: object }>([...install, '--config', 'mz.yaml']);
      if (code !== 0) throw new Error(JSON.stringify(answer));
      return { changeTable: answer.changeTable };
    }
    default:
      return {};
  }
}

/** Grants sw all of every resource, and rs some columns of it. */
export async function subscribeAll({ rig }: World): Promise<void> {
  const account = { account: 'consumer-rs', name: 'consumer-rs', department: 'rs', password: PASSWORD };
  await rig.as('officer').call(personRoutes.createAccount, { body: { ...account, roles: ['consumer'] } });
  const rs = await signIn(rig, 'consumer-rs');
  for (const { code } of tables) {
    await rig.subscribe(code);
    const purpose = { usage: 'work-reference' as const, matter: '就业登记', legalBasis: '' };
    const [, { columns }] = consumers as readonly [unknown, (typeof consumers)[number]];
    const body = { resource: code, items: [...columns], purpose, modes: ['docking' as const] };
    await rs.call(personRoutes.apply, { body });
  }
  await rs.close();
}
