import { type Changes, systemClock } from '@qianzhi/engine';
import { isQianzhiError } from '@qianzhi/model';
import type { ReceivedFeed } from '../received/feed.js';

/** Until the time is up, something changes or all ends. */
export async function restOrChange(ms: number, changes: Changes, closing: AbortSignal): Promise<void> {
  const turn = new AbortController();
  const end = () => turn.abort();
  const forget = changes.on(end);
  closing.addEventListener('abort', end, { once: true });
  await systemClock.wait(ms, turn.signal).catch(end); // it fails where the turn was ended, and only there
  closing.removeEventListener('abort', end);
  forget();
}

/** Work that a grant that ends takes back, too: `signal` is aborted with the reason. */
export async function unlessDenied<T>(
  feed: ReceivedFeed,
  changes: Changes,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const look = () =>
    void feed.end().catch((error) => {
      // what else is wrong with the feed says nothing of the letter
      if (isQianzhiError(error) && error.kind === 'denied') ending.abort(error);
    });
  const forget = changes.on(look);
  try {
    return await work(AbortSignal.any([closing, ending.signal]));
  } finally {
    forget();
  }
}
