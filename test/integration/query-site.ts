import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlatformClient } from '@qianzhi/client';
import {
  type CatalogResource,
  type Grant,
  type Lookup,
  personRoutes,
  type QueryResult,
} from '@qianzhi/model';
import Database from 'better-sqlite3';
import { type RunningAgent, startAgent } from '../../packages/agent/src/start-agent.js';
import { resourceOf } from '../fixtures/resource.js';
import { createSite, type Site } from './site.js';
import { until } from './until.js';

/** Answers by key, and slowly by a statement that never ends by itself. */
export const firmEntry: CatalogResource = resourceOf(
  'firm',
  [
    { column: 'uscc', length: 18 },
    { column: 'name' },
    { column: 'id_no' },
    { column: 'capital', type: 'N', precision: 20, scale: 2 },
  ],
  {
    queries: [
      {
        name: 'by-uscc',
        summary: '按代码查企业',
        parameters: [{ name: 'uscc', item: 'uscc', required: true }],
        items: ['uscc', 'name', 'id_no', 'capital'],
        maxRows: 3,
      },
      {
        name: 'by-name',
        summary: '',
        parameters: [{ name: 'name', type: 'C', length: 40, required: true }],
        items: ['uscc', 'name'],
        maxRows: 10,
      },
      {
        name: 'endless',
        summary: '',
        parameters: [{ name: 'uscc', item: 'uscc', required: true }],
        items: ['uscc'],
        maxRows: 10,
      },
    ],
  },
);

export const localQueries = [
  { resource: 'firm', service: 'by-uscc', connector: 'db', lookup: { table: 'firm' } },
  {
    resource: 'firm',
    service: 'by-name',
    connector: 'db',
    statement: 'SELECT uscc, name FROM firm WHERE name = :name ORDER BY uscc',
  },
  {
    resource: 'firm',
    service: 'endless',
    connector: 'db',
    statement:
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT uscc FROM firm, n WHERE uscc = :uscc AND i < 0',
    timeoutMs: 60_000,
  },
];

export interface QuerySite {
  readonly site: Site;
  readonly mz: RunningAgent;
  readonly db: Database.Database;
  readonly consumer: PlatformClient;
  /** Starts an agent of the name by a config of its own. */
  start(name: string, department: string, more?: object): Promise<RunningAgent>;
  stateDir(name: string): string;
  /** Questions that run in the provider's file now: processes of this one that compute. */
  busy(): Promise<number>;
  grant(change?: Partial<Pick<Grant, 'items' | 'masks' | 'quota' | 'rows'>>): Promise<string>;
  /** The same, of what was granted before nothing stays. */
  grantAnew(change?: Partial<Pick<Grant, 'items' | 'masks' | 'quota' | 'rows'>>): Promise<string>;
  ask(service: string, lookups: readonly Lookup[], more?: object, signal?: AbortSignal): Promise<QueryResult>;
  close(): Promise<void>;
}

/** Provider mz with an open tunnel over a SQLite file, and consumers of sw; nothing is granted yet. */
export async function createQuerySite(
  url: (own: string) => string | Promise<string> = (own) => own,
): Promise<QuerySite> {
  const site = await createSite();
  const agents: RunningAgent[] = [];
  const db = new Database(site.at('legacy.sqlite'));
  db.exec('CREATE TABLE firm (uscc TEXT PRIMARY KEY, name TEXT, id_no TEXT, capital NUMERIC)');
  const insert = db.prepare('INSERT INTO firm VALUES (?, ?, ?, ?)');
  for (let n = 1; n <= 1_000; n++) insert.run(`U${n}`, n <= 20 ? '同名' : `企业${n}`, `id\t${n}`, `${n}.5`);
  const stateDir = (name: string) => join(site.folder, `${name}-state`);

  async function start(name: string, department: string, more: object = {}): Promise<RunningAgent> {
    await site.enrol(name, department, { connectors: {}, exchanges: [] });
    return again(name, more);
  }

  async function again(name: string, more: object): Promise<RunningAgent> {
    const file = join(site.folder, `${name}-agent.json`);
    const config = {
      platform: { url: await url(site.url) },
      stateDir: stateDir(name),
      log: { level: 'error' },
      ...more,
    };
    await writeFile(file, JSON.stringify(config));
    const agent = await startAgent(file, AbortSignal.timeout(60_000));
    agents.push(agent);
    return agent;
  }

  await site.publish(firmEntry);
  const more = {
    connectors: { db: { type: 'sqlite', path: site.at('legacy.sqlite') } },
    queries: localQueries,
    monitor: { port: 0 },
  };
  const mz = await start('mz-1', 'mz', more);
  await site.supply('firm', 'mz-1');
  const consumer = await site.person('sw', 'consumer');
  await until('the tunnel is open', () => mz.status().queries?.tunnel.open);

  let granted: string | undefined;
  const rig: QuerySite = {
    site,
    mz,
    db,
    consumer,
    start,
    stateDir,
    busy: busyChildren,
    async grant({ items = [], masks = {}, quota, rows } = {}) {
      const purpose = { usage: 'data-check' as const, matter: '登记核验', legalBasis: '税收征收管理法' };
      const body = {
        resource: 'firm',
        items: [...items],
        masks,
        purpose,
        modes: ['online-query' as const],
        quota,
        rows,
      };
      const applied = await consumer.call(personRoutes.apply, { body });
      granted = applied.id;
      if (applied.state === 'granted') return applied.id;
      const approver = await site.person('mz', 'approver');
      return (await approver.call(personRoutes.approve, { params: { id: applied.id }, body: {} })).id;
    },
    async grantAnew(change) {
      if (granted) await site.revoke(granted);
      return rig.grant(change);
    },
    ask: (service, lookups, body = {}, signal = undefined) =>
      consumer.call(
        personRoutes.query,
        {
          params: { resource: 'firm', service },
          body: { lookups: [...lookups], timeoutMs: 15_000, ...body },
        },
        signal,
      ),
    async close() {
      for (const agent of agents) await agent.stop();
      db.close();
      await site.close();
    },
  };
  return rig;
}

/** Children of this process that used CPU while they were looked at; Linux. */
async function busyChildren(): Promise<number> {
  const task = `/proc/${process.pid}/task`;
  const lists = await Promise.all(
    (await readdir(task)).map((thread) => readFile(`${task}/${thread}/children`, 'utf8').catch(() => '')),
  );
  const pids = lists.flatMap((list) => list.trim().split(' ').filter(Boolean));
  const ticks = () => Promise.all(pids.map(ticksOf));
  const before = await ticks();
  await new Promise((resolve) => setTimeout(resolve, 100));
  return (await ticks()).filter((now, at) => now - before[at]! > 3).length;
}

async function ticksOf(pid: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
