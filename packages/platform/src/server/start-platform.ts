import { setMaxListeners } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import websocket from '@fastify/websocket';
import { checkShape, systemCode, systemReason } from '@qianzhi/model';
import type { FastifyInstance } from 'fastify';
import type { DestinationStream } from 'pino';
import { createAuditLog } from '../audit/audit-log.js';
import { classify } from '../database/classify.js';
import { createDatabaseHealth } from '../database/health.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { platformErrors } from '../errors.js';
import { createKeyDirectory } from '../identity/key-directory.js';
import { platformKey } from '../identity/platform-key.js';
import { openPlatformMonitor } from '../monitor/open-monitor.js';
import { createApi } from './api.js';
import { type PlatformConfig, type PlatformConfigInput, PlatformConfigSchema } from './config.js';
import type { PlatformContext } from './context.js';
import { drainOnClose } from './drain.js';
import type { PlatformFailpoint } from './failpoint.js';
import { createServer } from './fastify.js';
import { createFeatures } from './features.js';
import { keepHouse } from './housekeeping.js';
import { lockFolder } from './lock.js';
import { createLog } from './log.js';
import { platformMigrations } from './migrations.js';
import { describeApi } from './openapi.js';
import { PLATFORM_VERSION } from './version.js';

const HOUSEKEEPING_MS = 60_000;
/** Of one message from an agent: parts of rows are smaller. */
const AGENT_MESSAGE_BYTES = 256 * 1024;

export interface RunningPlatform {
  /** Address it listens on. */
  readonly url: string;
  /** Where `/livez`, `/readyz` and `/metrics` are, if the config names a port. */
  readonly monitorUrl?: string;
  /** While there is no account: the code that makes the security officer, once. Shown to the person who starts it. */
  readonly firstStartCode?: string;
  /** Ends long polls, answers what is under way, closes everything. May be called again. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly now?: () => Date;
  /** Where the log goes, one JSON object a line; standard error unless told. */
  readonly logTo?: DestinationStream;
  /** How often what has run out is cleared away. Default 60 s. */
  readonly housekeepingMs?: number;
  /** Fault tests: called at named points of a batch's way. */
  readonly failpoint?: (name: PlatformFailpoint) => void;
}

/**
 * Starts a platform over its data folder and listens. When a step fails, what was started before is closed again.
 * Throws QZ_MODEL_SHAPE_WRONG for a wrong config, QZ_PLATFORM_DATA_DIR_IN_USE, _DATA_DIR_UNUSABLE, _DATABASE_UNSAFE,
 * _DATABASE_NEWER, QZ_MONITOR_PORT_UNUSABLE, what `openDatabase` throws, _KEY_FILE_OPEN, _KEY_FILE_LOST or _PORT_UNUSABLE.
 */
export async function startPlatform(
  input: PlatformConfigInput,
  options: StartOptions = {},
): Promise<RunningPlatform> {
  const config = checkShape(PlatformConfigSchema, { ...input }, 'platform config');
  const closers: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const stop = () => {
    closing ??= closeAll(closers);
    return closing;
  };
  try {
    return { ...(await start(config, options, closers)), stop };
  } catch (error) {
    await stop();
    throw classify(error) ?? error;
  }
}

async function closeAll(closers: (() => unknown)[]): Promise<void> {
  for (const close of closers.reverse()) await close();
}

async function start(
  config: PlatformConfig,
  options: StartOptions,
  closers: (() => unknown)[],
): Promise<Omit<RunningPlatform, 'stop'>> {
  const { dataDir, audience, region } = config;
  const now = options.now ?? (() => new Date());
  const log = createLog(config.logLevel, options.logTo);
  makeFolder(dataDir);
  const lock = lockFolder(dataDir);
  closers.push(lock.release);
  const db = await openDatabase(dataDir, config.database);
  closers.push(() => db.destroy());
  await migrate(db, platformMigrations);
  const keys = createKeyDirectory(db);
  const audit = createAuditLog(db, now);
  const signingKey = await platformKey(dataDir, keys, now());
  const stopping = new AbortController();
  // as many listen as wait for something
  setMaxListeners(0, stopping.signal);
  // what it needs is loaded only where it is asked for
  const counting = config.monitor && (await import('../monitor/platform-metrics.js')).platformMetrics();
  const context: PlatformContext = {
    db,
    dataDir,
    now,
    log,
    signingKey,
    audience,
    region,
    keys,
    audit,
    stopping: stopping.signal,
    health: createDatabaseHealth(),
    failpoint: options.failpoint,
    meter: counting?.meter,
  };
  const features = await createFeatures(context, config);
  closers.push(() => features.close());
  const house = keepHouse(features.housekeeping, options.housekeepingMs ?? HOUSEKEEPING_MS, context);
  closers.push(() => house.stop());
  const app = createServer(context, config.gateways);
  closers.push(drainOnClose(app));
  closers.push(() => features.lines.close());
  closers.push(() => stopping.abort());
  await app.register(websocket, { options: { maxPayload: AGENT_MESSAGE_BYTES } });
  await describeApi(app, PLATFORM_VERSION);
  features.bind(createApi(app, features.authenticators, features.lines, context.stopping));
  const firstStartCode = await features.firstStartCode();
  const monitor =
    counting && (await openPlatformMonitor(config.monitor!, counting.metrics, context, features.exchange));
  closers.push(() => monitor?.close());
  const url = await listen(app, config);
  await audit.record({ actor: 'platform', action: 'platform.start', object: audience, outcome: 'done' });
  log.info({ url, version: PLATFORM_VERSION }, 'platform started');
  return { url, ...(monitor && { monitorUrl: monitor.url }), ...(firstStartCode && { firstStartCode }) };
}

function makeFolder(dataDir: string): void {
  try {
    makeParents(resolve(dataDir));
    if (!statSync(dataDir).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  } catch (error) {
    throw platformErrors.DATA_DIR_UNUSABLE({ dataDir, problem: systemReason(error) }, error);
  }
}

/** Not mkdir's own `recursive`: on some file systems (/proc) Node never comes back from it. */
function makeParents(folder: string): void {
  if (existsSync(folder)) return;
  makeParents(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

async function listen(app: FastifyInstance, { host, port }: PlatformConfig): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw platformErrors.PORT_UNUSABLE({ host, port, problem: systemReason(error) }, error);
  }
  const { port: taken } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
}
