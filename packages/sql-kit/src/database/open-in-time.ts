import { throwIfAborted } from './stop-on-abort.js';

/**
 * Waits for a driver that cannot be told to stop connecting, until the limit or an abort. A connection that comes later is closed.
 * Throws CANCELLED, or what `onError` makes of the driver's error; of `undefined` when the time is up.
 */
export async function openInTime<T extends { close(): Promise<unknown> }>(
  make: () => Promise<T>,
  limitMs: number,
  doing: string,
  signal: AbortSignal,
  onError: (error: unknown) => Error,
): Promise<T> {
  throwIfAborted(doing, signal);
  const late = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const pending = make();
  try {
    return await new Promise<T>((resolve, reject) => {
      late.addEventListener('abort', () => reject(late.reason), { once: true });
      pending.then(resolve, reject);
    });
  } catch (error) {
    // whether it still comes or fails is of no interest any more
    pending.then(
      (connection) => connection.close(),
      () => undefined,
    );
    throwIfAborted(doing, signal);
    throw onError(late.aborted ? undefined : error);
  }
}
