import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, type PlatformClient } from '@qianzhi/client';
import { agentRoutes, personRoutes } from '@qianzhi/model';
import pg from 'pg';
import { readIdentity, signingKeyOf } from '../../../packages/agent/src/identity/identity-file.js';
import { type RunningAgent, startAgent } from '../../../packages/agent/src/start-agent.js';
import { resourceOf } from '../../fixtures/resource.js';
import { createSite, type Site } from '../../integration/site.js';
import { until } from '../../integration/until.js';
import { startPostgres } from '../../services/postgres.js';

export const ROWS = 100_000;
/** What is asked of the database, by the connector and directly. */
export const SQL = 'SELECT code, name, amount FROM firm WHERE code = $1';

/** Platform, two providers over one PostgreSQL and a consumer's clients, all in this process: so that every wait can be told apart. */
export interface QueryRig {
  readonly site: Site;
  readonly database: pg.Client;
  readonly databaseUrl: string;
  /** So many clients that each have connections of their own, signed by one agent. */
  clients(count: number): PlatformClient[];
  ask(client: PlatformClient, resource: 'firm' | 'slow', code: string): Promise<void>;
  /** One request for many keys, each of them there. */
  askAll(client: PlatformClient, codes: readonly string[]): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const service = {
  name: 'by-code',
  summary: '',
  parameters: [{ name: 'code', item: 'code', required: true }],
  maxRows: 10,
};

function entry(code: string) {
  const items = [
    { column: 'code', length: 20 },
    { column: 'name' },
    { column: 'amount', type: 'N' as const, precision: 20, scale: 2, length: undefined },
  ];
  return resourceOf(code, items, { queries: [{ ...service, items: ['code', 'name', 'amount'] }] });
}

export async function createQueryRig(): Promise<QueryRig> {
  const server = await startPostgres();
  const database = new pg.Client(server.url);
  await database.connect();
  await database.query('CREATE TABLE firm (code varchar(20) PRIMARY KEY, name text, amount numeric(20,2))');
  await database.query(
    `INSERT INTO firm SELECT 'C' || n, 'name ' || n, n * 1.25 FROM generate_series(1, ${ROWS}) AS n`,
  );
  await database.query('ANALYZE firm');
  const site = await createSite();
  const agents: RunningAgent[] = [];
  const { hostname: host, port, username: user, password, pathname } = new URL(server.url);
  const db = {
    type: 'postgres',
    host,
    port: Number(port),
    user,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
  };
  const clients: PlatformClient[] = [];

  async function provide(name: string, resource: string, place: object): Promise<void> {
    await site.publish(entry(resource));
    await site.enrol(name, 'mz', { connectors: {}, exchanges: [] });
    const file = join(site.folder, `${name}.json`);
    const queries = [
      { resource, service: 'by-code', connector: 'db', concurrency: 8, timeoutMs: 60_000, ...place },
    ];
    const config = {
      platform: { url: site.url },
      stateDir: join(site.folder, `${name}-state`),
      connectors: { db },
      queries,
      log: { level: 'error' },
    };
    await writeFile(file, JSON.stringify(config));
    const agent = await startAgent(file, AbortSignal.timeout(60_000));
    agents.push(agent);
    await site.supply(resource, name);
    await until('the tunnel is open', () => agent.status().queries?.tunnel.open);
    const consumer = await site.person('sw', 'consumer');
    const purpose = { usage: 'data-check' as const, matter: '核验', legalBasis: '' };
    await consumer.call(personRoutes.apply, {
      body: { resource, items: [], purpose, modes: ['online-query'] },
    });
  }

  await provide('mz-1', 'firm', { lookup: { table: 'firm' } });
  await provide('mz-2', 'slow', { statement: 'SELECT firm.* FROM firm, pg_sleep(2) WHERE code = :code' });
  await site.enrol('sw-1', 'sw', { connectors: {}, exchanges: [] });
  const identity = (await readIdentity(join(site.folder, 'sw-1-state')))!;
  let fence: number | undefined;
  const made = () => {
    const client = createClient({
      url: site.url,
      identity: {
        kind: 'agent',
        key: signingKeyOf(identity),
        audience: identity.audience,
        platformKeys: () => identity.platformKeys,
        fence: () => fence,
      },
    });
    clients.push(client);
    return client;
  };
  fence = (await made().call(agentRoutes.claimInstance, { body: { instance: 'bench', version: 'bench' } }))
    .fence;

  async function ask(client: PlatformClient, resource: string, codes: readonly string[]): Promise<void> {
    const body = { lookups: codes.map((code) => ({ code })), timeoutMs: 60_000 };
    const result = await client.call(agentRoutes.agentQuery, {
      params: { resource, service: 'by-code' },
      body,
      waitMs: 60_000,
    });
    if (result.rows !== codes.length || !result.complete)
      throw new Error(`not the rows that were asked for: ${result.rows}`);
  }

  return {
    site,
    database,
    databaseUrl: server.url,
    clients: (count) => Array.from({ length: count }, made),
    ask: (client, resource, code) => ask(client, resource, [code]),
    askAll: (client, codes) => ask(client, 'firm', codes),
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      for (const agent of agents) await agent.stop();
      await site.close();
      await database.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
