import { setMaxListeners } from 'node:events';
import { createChanges } from '../changes.js';

export interface Prefetched<T, R> {
  readonly item: T;
  /** Settles when the item is loaded; never unhandled. */
  readonly loaded: Promise<R>;
  /** It is in memory no more: until then its bytes are counted. */
  release(): void;
}

export interface PrefetchOptions<T, R> {
  readonly maxBytes: number;
  readonly sizeOf: (item: T) => number;
  readonly load: (item: T, signal: AbortSignal) => Promise<R>;
  readonly signal: AbortSignal;
  /** Batches and bytes fetched or being fetched and not yet taken. */
  readonly onWaiting?: (items: number, bytes: number) => void;
}

/**
 * Loads items ahead of their use, in order, as long as their bytes fit; one always may. What was given out
 * is counted until it is released. Order of the answers is order of
 * the items, whatever loads first. Leaving the loop ends the loading: nothing of it runs on.
 */
export async function* prefetch<T, R>(
  items: AsyncIterable<T>,
  options: PrefetchOptions<T, R>,
): AsyncGenerator<Prefetched<T, R>> {
  const { maxBytes, sizeOf, load, onWaiting } = options;
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  // as many listen as are being loaded
  setMaxListeners(0, signal);
  const queue: { readonly entry: Omit<Prefetched<T, R>, 'release'>; readonly bytes: number }[] = [];
  const changes = createChanges();
  const loading = new Set<Promise<unknown>>();
  /** Of items fetched or being fetched, those given out and not released included. */
  let bytes = 0;
  let waiting = 0;
  let done = false;
  let failed: { readonly error: unknown } | undefined;

  /** Once, however often it is called. */
  function releasing(size: number): () => void {
    let held = size;
    return () => {
      bytes -= held;
      held = 0;
      changes.notify();
    };
  }

  const filling = (async () => {
    try {
      for await (const item of items) {
        const size = sizeOf(item);
        while (bytes > 0 && bytes + size > maxBytes) await changes.next(signal);
        bytes += size;
        waiting += size;
        const loaded = load(item, signal);
        loading.add(loaded);
        loaded.catch(() => undefined).finally(() => loading.delete(loaded));
        queue.push({ entry: { item, loaded }, bytes: size });
        onWaiting?.(queue.length, waiting);
        changes.notify();
        if (signal.aborted) return;
      }
    } catch (error) {
      failed = { error };
    } finally {
      done = true;
      changes.notify();
    }
  })();

  try {
    for (;;) {
      const next = queue.shift();
      if (next) {
        waiting -= next.bytes;
        onWaiting?.(queue.length, waiting);
        yield { ...next.entry, release: releasing(next.bytes) };
        continue;
      }
      if (failed) throw failed.error;
      if (done) return;
      await changes.next(options.signal);
    }
  } finally {
    ended.abort(options.signal.reason ?? new Error('prefetch ended'));
    await filling;
    await Promise.allSettled(loading);
  }
}
