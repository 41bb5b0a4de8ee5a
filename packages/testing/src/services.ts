import { describe, inject } from 'vitest';
import { hasSshd } from './sshd.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser address of a PostgreSQL for tests; null where this machine has none. */
    postgresUrl: string | null;
    /** Address of a MySQL or MariaDB for tests, of an account with all privileges; null where this machine has none. */
    mysqlUrl: string | null;
  }
}

/**
 * A suite on a real PostgreSQL; `url` is a superuser's address of database `postgres`. Make databases of your own and
 * drop them: the server is shared by every test file of the run. Without a server the suite counts as skipped.
 */
export function describeWithPostgres(name: string, suite: (url: string) => void): void {
  describeWith(inject('postgresUrl'), 'PostgreSQL', name, suite);
}

/** The same on a real MySQL or MariaDB; `url` is of database `mysql`. */
export function describeWithMysql(name: string, suite: (url: string) => void): void {
  describeWith(inject('mysqlUrl'), 'MySQL', name, suite);
}

function describeWith(url: string | null, server: string, name: string, suite: (url: string) => void): void {
  if (url) describe(name, () => suite(url));
  else describe.skip(`${name} (no ${server} on this machine)`, () => suite('none://none'));
}

/** A suite on a real OpenSSH server; without one on this machine it counts as skipped, in CI it fails. */
export function describeWithSshd(name: string, suite: () => void): void {
  if (hasSshd() || process.env.QZ_REQUIRE_SERVICES) describe(name, suite);
  else describe.skip(`${name} (no OpenSSH server on this machine)`, suite);
}
