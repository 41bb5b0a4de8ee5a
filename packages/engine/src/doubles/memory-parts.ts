import type { PartLoader, Sink, SinkBatch } from '@qianzhi/plugin-api';
import type { MemoryTable } from './memory-table.js';

/** Test double: what a sink does that loads parts side by side, as `table.ahead` tells it. */
export function withParts(sink: Sink, table: MemoryTable): Sink {
  /** Loaded or being loaded, and not committed. */
  const open = new Set<SinkBatch>();
  const back = (batch: SinkBatch) => {
    if (open.delete(batch)) table.ahead.push(`back ${batch.seq}`);
  };
  const allBack = () => {
    for (const batch of open) back(batch);
  };
  const parts: PartLoader = {
    atOnce: 2,
    async load(batch, signal) {
      open.add(batch);
      table.ahead.push(`load ${batch.seq}`);
      const failure = await table.loadError?.(batch);
      if (failure) {
        back(batch);
        throw failure;
      }
      return {
        async commit(onRejected) {
          signal.throwIfAborted();
          if (!open.has(batch)) throw new Error(`part ${batch.seq} was rolled back`);
          const row = await sink.write(batch, onRejected, signal);
          open.delete(batch);
          table.ahead.push(`commit ${batch.seq}`);
          return row;
        },
        async [Symbol.asyncDispose]() {
          back(batch);
        },
      };
    },
  };
  return {
    ...sink,
    parts,
    write(batch, onRejected, signal) {
      allBack();
      return sink.write(batch, onRejected, signal);
    },
    discardStaged(delivery, signal) {
      allBack();
      return sink.discardStaged(delivery, signal);
    },
    async [Symbol.asyncDispose]() {
      allBack();
      await sink[Symbol.asyncDispose]();
    },
  };
}
