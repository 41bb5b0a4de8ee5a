import type { Metrics, Monitor } from '@qianzhi/monitor';
import type { MonitorConfig } from '@qianzhi/monitor/config';
import type { Exchange } from '../exchange/exchange.js';
import type { PlatformContext } from '../server/context.js';
import { PLATFORM_VERSION } from '../server/version.js';
import { readiness } from './readiness.js';

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
