import type {} from '@qianzhi/testing';
import type { TestProject } from 'vitest/node';
import { startMariadb } from './mariadb.js';
import { startPostgres } from './postgres.js';

interface Server extends AsyncDisposable {
  readonly url: string;
}

interface Shared {
  users: number;
  readonly server: Promise<Server>;
}

/** A kind of server: shared by all test files and projects of a run. */
interface Service {
  readonly name: string;
  /** Of the address, by vitest's own way. */
  readonly provided: 'postgresUrl' | 'mysqlUrl';
  /** Where an address may be given. */
  readonly given: string;
  /** For packages that may not import ours. */
  readonly told: string;
  start(): Promise<Server>;
}

const services: readonly Service[] = [
  {
    name: 'PostgreSQL',
    provided: 'postgresUrl',
    given: 'QZ_TEST_POSTGRES_URL',
    told: 'QZ_RUN_POSTGRES_URL',
    // tests of strategy `log` have slots of their own in it
    start: () =>
      startPostgres({
        settings: { wal_level: 'logical', max_replication_slots: '20', max_wal_senders: '20' },
      }),
  },
  {
    name: 'MariaDB',
    provided: 'mysqlUrl',
    given: 'QZ_TEST_MYSQL_URL',
    told: 'QZ_RUN_MYSQL_URL',
    // strategy `log` follows it
    start: () => startMariadb({ settings: { 'log-bin': 'bin', 'binlog-format': 'ROW', 'server-id': '1' } }),
  },
];

const run = globalThis as typeof globalThis & { qianzhiServices?: Map<string, Shared> };

/**
 * Servers shared by all test files and projects of a run: from QZ_TEST_…_URL where given, else started here. A
 * missing server is said aloud and its suites are skipped; with QZ_REQUIRE_SERVICES=1 it fails the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ends = await Promise.all(services.map((service) => offer(project, service)));
  return async () => {
    for (const end of ends) await end();
  };
}

/** Answers what gives the server up. */
async function offer(project: TestProject, service: Service): Promise<() => Promise<void>> {
  const tell = (url: string): void => {
    project.provide(service.provided, url);
    process.env[service.told] = url;
  };
  const given = process.env[service.given];
  if (given) {
    tell(given);
    return async () => undefined;
  }
  run.qianzhiServices ??= new Map();
  const shared = run.qianzhiServices.get(service.name) ?? { users: 0, server: service.start() };
  run.qianzhiServices.set(service.name, shared);
  shared.users++;
  let server: Server;
  try {
    server = await shared.server;
  } catch (error) {
    if (process.env.QZ_REQUIRE_SERVICES === '1') throw error;
    console.warn(`${service.name} could not be started, its suites are skipped: ${error}`);
    project.provide(service.provided, null);
    return async () => undefined;
  }
  tell(server.url);
  return async () => {
    if (--shared.users === 0) await server[Symbol.asyncDispose]();
  };
}
