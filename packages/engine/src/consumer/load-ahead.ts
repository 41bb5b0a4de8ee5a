import type { LedgerRow, OnRejected, PartLoader, SinkBatch } from '@qianzhi/plugin-api';
import type { DeliveredBatch } from './open-target.js';

/** A part of a snapshot that is being loaded before its turn. */
export interface PartAhead extends AsyncDisposable {
  /** Resolves when it is loaded, or cannot be. */
  readonly ready: Promise<void>;
  commit(onRejected: OnRejected): Promise<LedgerRow>;
}

/** The loader of a part between a snapshot's first and its last. */
export function loaderOf(parts: PartLoader | undefined, batch: DeliveredBatch): PartLoader | undefined {
  if (batch.kind !== 'snapshot' || !batch.snapshot) return undefined;
  return batch.snapshot.part > 1 && !batch.snapshot.last ? parts : undefined;
}

/** Begins to load. What goes wrong is told when it is the part's turn. */
export function loadAhead(loader: PartLoader, batch: SinkBatch, signal: AbortSignal): PartAhead {
  const given = new AbortController();
  const onAbort = () => given.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let loaded = false;
  const loading = loader.load(batch, given.signal).finally(() => {
    loaded = true;
  });
  const ready = loading.then(
    () => undefined,
    () => undefined,
  );
  return {
    ready,
    commit: async (onRejected) => (await loading).commit(onRejected),
    async [Symbol.asyncDispose]() {
      if (!loaded) given.abort(new Error('a part before was not applied'));
      const part = await loading.catch(() => undefined);
      await part?.[Symbol.asyncDispose]();
      signal.removeEventListener('abort', onAbort);
    },
  };
}
