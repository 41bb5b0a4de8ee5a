import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { type ServerProcess, serverProcess } from './server-process.js';
import { serverUser, type UnixUser } from './server-user.js';

const run = promisify(execFile);

export interface MariadbOptions {
  /** Server settings, such as `{ local_infile: '0' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real server with its own data folder, on a free loopback port. */
export interface MariadbServer extends ServerProcess, AsyncDisposable {
  /** An account with all privileges, by password, over TCP. */
  readonly url: string;
  /** Stops it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

const programs = {
  server: ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd', '/usr/local/bin/mariadbd', '/usr/sbin/mysqld'],
  install: ['/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db', '/usr/bin/mysql_install_db'],
};

function found(kind: keyof typeof programs): string {
  const path = programs[kind].find((each) => existsSync(each));
  if (path === undefined) throw new Error(`no ${programs[kind][0]} on this machine`);
  return path;
}

/** Starts MariaDB; what makes commits durable stays on, as the product demands it. */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
  const program = found('server');
  const root = await mkdtemp(join(tmpdir(), 'qianzhi-mariadb-'));
  const user = await serverUser();
  if (user) {
    await chown(root, user.uid, user.gid);
    await chmod(root, 0o755);
  }
  const password = randomBytes(12).toString('hex');
  const dataDir = join(root, 'data');
  const initFile = join(root, 'init.sql');
  await initialise({ root, dataDir, initFile, password, user });
  const port = await freePort();
  const settings = {
    datadir: dataDir,
    port: String(port),
    'bind-address': '127.0.0.1',
    socket: join(root, 'socket'),
    'pid-file': join(root, 'pid'),
    tmpdir: root,
    'init-file': initFile,
    max_connections: '80',
    'character-set-server': 'utf8mb4',
    local_infile: '1',
    ...options.settings,
  };
  const args = ['--no-defaults', '--skip-name-resolve'];
  for (const [name, value] of Object.entries(settings)) args.push(`--${name}=${value}`);

  const server = serverProcess({
    name: 'MariaDB',
    program,
    args,
    user,
    ready: 'ready for connections',
    signals: { fast: 'SIGTERM', immediate: 'SIGKILL' },
  });
  await server.start();
  return {
    url: `mysql://qianzhi:${password}@127.0.0.1:${port}/mysql`,
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Whether this machine has a MariaDB for tests, given or installed; QZ_REQUIRE_SERVICES=1 takes it for granted. */
export function hasMariadb(): boolean {
  if (process.env.QZ_TEST_MYSQL_URL || process.env.QZ_REQUIRE_SERVICES === '1') return true;
  return (
    programs.server.some((each) => existsSync(each)) && programs.install.some((each) => existsSync(each))
  );
}

async function initialise(of: {
  readonly root: string;
  readonly dataDir: string;
  readonly initFile: string;
  readonly password: string;
  readonly user: UnixUser | undefined;
}): Promise<void> {
  const { root, dataDir, initFile, password, user } = of;
  await run(
    found('install'),
    [
      '--no-defaults',
      `--datadir=${dataDir}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      `--tmpdir=${root}`,
    ],
    { ...user, cwd: root },
  );
  // accounts can be made by a running server only
  await writeFile(
    initFile,
    `CREATE USER IF NOT EXISTS 'qianzhi'@'%' IDENTIFIED BY '${password}';
GRANT ALL ON *.* TO 'qianzhi'@'%' WITH GRANT OPTION;
DROP USER IF EXISTS 'root'@'localhost';\n`,
  );
  if (user) await chown(initFile, user.uid, user.gid);
}
