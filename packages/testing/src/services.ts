import { describe, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser address of a PostgreSQL for tests; null where this machine has none. */
    postgresUrl: string | null;
  }
}

/**
 * A suite on a real PostgreSQL; `url` is a superuser's address of database `postgres`. Make databases of your own and
 * drop them: the server is shared by every test file of the run. Without a server the suite counts as skipped.
 */
export function describeWithPostgres(name: string, suite: (url: string) => void): void {
  const url = inject('postgresUrl');
  if (url) describe(name, () => suite(url));
  else describe.skip(`${name} (no PostgreSQL on this machine)`, () => suite('postgres://none'));
}
