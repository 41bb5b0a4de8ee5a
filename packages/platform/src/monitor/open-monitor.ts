import { isQianzhiError, type Problem, toProblem } from '@qianzhi/model';
import type { Metrics, Monitor, Part } from '@qianzhi/monitor';
import type { MonitorConfig } from '@qianzhi/monitor/config';
import type { Exchange } from '../exchange/exchange.js';
import type { PlatformContext } from '../server/context.js';
import { PLATFORM_VERSION } from '../server/version.js';

/** Opens the platform's monitor: metrics, and whether database and store of batches can be believed. */
export async function openPlatformMonitor(
  config: MonitorConfig,
  metrics: Metrics,
  context: PlatformContext,
  exchange: Pick<Exchange, 'storage'>,
): Promise<Monitor> {
  const { log } = context;
  const { openMonitor } = await import('@qianzhi/monitor');
  const { measurePlatform } = await import('./platform-metrics.js');
  measurePlatform(metrics, { context, storeBytes: () => exchange.storage.bytes() });
  const monitor = await openMonitor({
    ...config,
    metrics,
    version: PLATFORM_VERSION,
    ready: () => readiness(context, exchange),
    failed: (error) => log.error({ err: error }, 'the monitor failed inside'),
  });
  log.info({ url: monitor.url }, 'monitor listens');
  return monitor;
}

async function readiness(
  context: PlatformContext,
  { storage }: Pick<Exchange, 'storage'>,
): Promise<readonly Part[]> {
  return [
    { part: 'database', problem: await databaseProblem(context) },
    { part: 'store', problem: problemOf(() => storage.check()) },
  ];
}

async function databaseProblem({ db, health }: PlatformContext): Promise<Problem | undefined> {
  const halted = problemOf(() => health.check());
  if (halted) return halted;
  try {
    await db.raw('SELECT 1');
    return undefined;
  } catch (error) {
    const coded = health.failed(error);
    if (!coded) throw error;
    return toProblem(coded);
  }
}

function problemOf(check: () => void): Problem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return toProblem(error);
  }
}
