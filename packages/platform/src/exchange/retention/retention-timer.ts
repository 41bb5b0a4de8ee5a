import { isQianzhiError } from '@qianzhi/model';
import type { PlatformContext } from '../../server/context.js';
import type { RunRetention } from './retention.js';

/**
 * Runs retention now and every `everyMs`, one run at a time: a platform that is often started anew must not keep all for
 * ever. A failed run is logged and the next one tries again. Answers a function that ends it and resolves when no run is
 * under way.
 */
export function startRetention(
  context: PlatformContext,
  run: RunRetention,
  everyMs: number,
): () => Promise<void> {
  if (everyMs <= 0) return async () => undefined;
  let running: Promise<void> | undefined;

  async function once(): Promise<void> {
    try {
      const { dropped, restarted, filesRemoved, archived } = await run(context.now());
      if (dropped + restarted + filesRemoved + archived > 0) {
        context.log.info({ dropped, restarted, filesRemoved, archived }, 'retention');
      }
    } catch (err) {
      context.log.error({ err, code: isQianzhiError(err) ? err.code : undefined }, 'retention failed');
    } finally {
      running = undefined;
    }
  }

  const look = () => {
    running ??= once();
  };
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
