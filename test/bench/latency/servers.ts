import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../services/postgres.js';
import { copyIn } from '../chain/copy.js';
import { serverSettings } from '../chain/databases.js';
import { createTable, enterpriseRows } from '../chain/enterprise.js';

const settings = { ...serverSettings, wal_level: 'logical' };

/** One table at the source and what becomes of it at the target, each in a database of its own. */
export interface Pair {
  readonly source: pg.Client;
  readonly target: pg.Client;
  /** The target's table. */
  readonly table: string;
}

/** Two servers; on each the chain has one database and the floor another. */
export interface Servers extends AsyncDisposable {
  readonly sourceUrl: string;
  readonly targetUrl: string;
  readonly chain: Pair;
  readonly floor: Pair;
  /** PostgreSQL's own replication, with the durability of the chain's target: a commit waits for the disk. */
  subscribe(): Promise<void>;
  /** Whether it runs: it reads the log of all databases, and the cores are to be the chain's own while that is measured. */
  replicate(on: boolean): Promise<void>;
  readonly pids: { readonly source: number; readonly target: number };
}

const LOOK_MS = 50;
const SWITCH_MS = 20_000;

export const chainTable = 'chained';

/** `enterprise` with so many rows in both source databases, and empty tables for it in those of the target. */
export async function openServers(rows: number): Promise<Servers> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of closers.toReversed()) await one();
  };
  try {
    const servers: PostgresServer[] = [];
    for (let n = 0; n < 2; n++) {
      const server = await startPostgres({ settings });
      servers.push(server);
      closers.push(() => server[Symbol.asyncDispose]());
    }
    const [from, to] = servers as [PostgresServer, PostgresServer];
    const open = async (url: string) => {
      const client = new pg.Client(url);
      await client.connect();
      closers.push(() => client.end());
      return client;
    };
    const made = async (server: PostgresServer, name: string) => {
      const admin = new pg.Client(server.url);
      await admin.connect();
      await admin.query(`CREATE DATABASE ${name}`);
      await admin.end();
      return server.url.replace(/postgres$/, name);
    };
    const urls = {
      chain: [await made(from, 'source'), await made(to, 'target')],
      floor: [await made(from, 'floor'), await made(to, 'floor')],
    } as const;
    const pairOf = async ([source, target]: readonly [string, string], table: string): Promise<Pair> => {
      const pair = { source: await open(source), target: await open(target), table };
      await pair.source.query(createTable('enterprise'));
      await copyIn(pair.source, 'COPY enterprise FROM STDIN', enterpriseRows(0, rows));
      await pair.source.query('VACUUM (FREEZE, ANALYZE) enterprise');
      await pair.target.query(createTable(table));
      for (const client of [pair.source, pair.target]) await client.query('CREATE EXTENSION pg_walinspect');
      return pair;
    };
    const chain = await pairOf(urls.chain, chainTable);
    const floor = await pairOf(urls.floor, 'enterprise');
    const pids = { source: from.pid()!, target: to.pid()! };
    return {
      sourceUrl: urls.chain[0],
      targetUrl: urls.chain[1],
      chain,
      floor,
      pids,
      async subscribe() {
        await floor.source.query('CREATE PUBLICATION floor FOR TABLE enterprise');
        await floor.target.query(
          `CREATE SUBSCRIPTION floor CONNECTION '${urls.floor[0]}' PUBLICATION floor WITH (synchronous_commit = on)`,
        );
      },
      async replicate(on) {
        await floor.target.query(`ALTER SUBSCRIPTION floor ${on ? 'ENABLE' : 'DISABLE'}`);
        const senders = `SELECT 1 FROM pg_stat_replication WHERE application_name = 'floor' AND state = 'streaming'`;
        const deadline = performance.now() + SWITCH_MS;
        while ((await floor.source.query(senders)).rows.length > 0 !== on) {
          if (performance.now() > deadline)
            throw new Error(`the floor's subscription is not ${on ? 'on' : 'off'}`);
          await setTimeout(LOOK_MS);
        }
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
