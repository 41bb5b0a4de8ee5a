import type { CleanBlock } from '../sealer/block.js';
import type { Sealer } from '../sealer/sealer.js';
import type { Feed } from './feed.js';

export interface Reading {
  readonly feed: Feed;
  readonly from: string | undefined;
  readonly sealer: Sealer;
  readonly confirm: (signal: AbortSignal) => Promise<void>;
  /** Ends when reading should end: the block at hand is still added. */
  readonly soft: AbortSignal;
  readonly maxBatchAgeMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Reads one block ahead of the sealer. True when it ended before the source did. */
export async function readAll({
  feed,
  from,
  sealer,
  confirm,
  soft,
  maxBatchAgeMs,
  signal,
}: Reading): Promise<boolean> {
  const blocks = feed.read(from, signal)[Symbol.asyncIterator]();
  let next = blocks.next();
  next.catch(() => undefined); // awaited below; not unhandled while the sealer works
  let pendingSince: number | undefined;
  try {
    for (;;) {
      pendingSince = sealer.pending ? (pendingSince ?? performance.now()) : undefined;
      const step = await nextOrAged(next, maxBatchAgeMs, pendingSince);
      if (step === 'aged') {
        await sealer.cut();
        continue;
      }
      if (step.done) return false;
      // the source rests between two blocks: the only time it may be told of receipts
      await confirm(signal);
      const block: CleanBlock = step.value;
      if (soft.aborted) {
        await sealer.add(block);
        return true;
      }
      next = blocks.next();
      next.catch(() => undefined);
      await sealer.add(block);
    }
  } finally {
    await blocks.return?.();
  }
}

/**
 * The next block, or `aged` when the batch begun is old enough to be cut. The timer is this wait's own: a promise
 * that many blocks were raced against would hold them all.
 */
async function nextOrAged<T>(
  next: Promise<T>,
  maxMs: number | undefined,
  since: number | undefined,
): Promise<T | 'aged'> {
  if (maxMs === undefined || since === undefined) return next;
  let timer: NodeJS.Timeout | undefined;
  const aged = new Promise<'aged'>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, since + maxMs - performance.now()), 'aged');
  });
  try {
    return await Promise.race([next, aged]);
  } finally {
    clearTimeout(timer);
  }
}
