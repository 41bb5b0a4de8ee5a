import type {} from '@qianzhi/testing';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './postgres.js';

interface Shared {
  users: number;
  readonly server: Promise<PostgresServer>;
}

const run = globalThis as typeof globalThis & { qianzhiPostgres?: Shared };

/** By vitest's own way, and in the environment for packages that may not import ours. */
function offer(project: TestProject, url: string): void {
  project.provide('postgresUrl', url);
  process.env.QZ_RUN_POSTGRES_URL = url;
}

/**
 * Servers shared by all test files and projects of a run: from QZ_TEST_POSTGRES_URL where given, else started here. A
 * missing server is said aloud and its suites are skipped; with QZ_REQUIRE_SERVICES=1 it fails the run.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.QZ_TEST_POSTGRES_URL;
  if (given) {
    offer(project, given);
    return undefined;
  }
  run.qianzhiPostgres ??= { users: 0, server: startPostgres() };
  const shared = run.qianzhiPostgres;
  shared.users++;
  let server: PostgresServer;
  try {
    server = await shared.server;
  } catch (error) {
    if (process.env.QZ_REQUIRE_SERVICES === '1') throw error;
    console.warn(`PostgreSQL could not be started, its suites are skipped: ${error}`);
    project.provide('postgresUrl', null);
    return undefined;
  }
  offer(project, server.url);
  return async () => {
    if (--shared.users === 0) await server[Symbol.asyncDispose]();
  };
}
