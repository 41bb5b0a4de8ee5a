import { isQianzhiError } from '@qianzhi/model';
import type { Bell } from '../bell.js';
import type { ReceivedFeed } from '../received/feed.js';

/** Work that a grant that ends takes back, too: `signal` is aborted with the reason. */
export async function unlessDenied<T>(
  feed: ReceivedFeed,
  bell: Bell,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const look = () =>
    void feed.end().catch((error) => {
      // what else is wrong with the feed says nothing of the letter
      if (isQianzhiError(error) && error.kind === 'denied') ending.abort(error);
    });
  const forget = bell.on(look);
  try {
    return await work(AbortSignal.any([closing, ending.signal]));
  } finally {
    forget();
  }
}
