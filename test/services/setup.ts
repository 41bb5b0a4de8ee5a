import type {} from '@qianzhi/testing';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './postgres.js';

/**
 * Servers shared by all test files of a run: from QZ_TEST_POSTGRES_URL where given, else started here. A missing
 * server is said aloud and its suites are skipped; with QZ_REQUIRE_SERVICES=1 it fails the run.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['QZ_TEST_POSTGRES_URL'];
  if (given) {
    project.provide('postgresUrl', given);
    return undefined;
  }
  let server: PostgresServer;
  try {
    server = await startPostgres();
  } catch (error) {
    if (process.env['QZ_REQUIRE_SERVICES'] === '1') throw error;
    console.warn(`PostgreSQL could not be started, its suites are skipped: ${error}`);
    project.provide('postgresUrl', null);
    return undefined;
  }
  project.provide('postgresUrl', server.url);
  return () => server[Symbol.asyncDispose]();
}
