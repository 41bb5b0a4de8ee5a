import { actText } from '@qianzhi/model';
import { serverErrors } from '../errors/server-errors.js';

export function throwIfAborted(doing: string, signal: AbortSignal): void {
  if (signal.aborted) throw serverErrors.CANCELLED({ doing: actText(doing) }, signal.reason);
}

/** Settles when `work` does. On an abort `stop` is called once, to end what the server is doing; `work` then throws. */
export async function stopOnAbort<T>(work: Promise<T>, stop: () => void, signal: AbortSignal): Promise<T> {
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
