import type { Core } from '../core.js';
import type { Feed } from '../provider/feed.js';

/** A feed that stays open, of a source that cannot: read again and again, from behind what it gave last. */
export function polledFeed(core: Core, feed: Feed, pollMs: number, follow: AbortSignal): Feed {
  let resting = false;
  let confirming: Promise<void> | undefined;
  return {
    rests: () => resting,
    confirm(checkpoint, signal, held) {
      confirming = feed.confirm(checkpoint, signal, held);
      return confirming;
    },
    async *read(checkpoint, signal) {
      let from = checkpoint;
      while (!follow.aborted) {
        for await (const block of feed.read(from, signal)) {
          from = block.checkpoint ?? from;
          yield block;
        }
        resting = true;
        try {
          await core.clock.wait(pollMs, AbortSignal.any([follow, signal]));
        } catch (error) {
          if (!follow.aborted) throw error;
        } finally {
          resting = false;
        }
        // one read or confirm at a time; what went wrong with it is told to whoever asked for it
        await confirming?.catch(() => undefined);
      }
    },
  };
}
