import type { ReadLimits, RowsBlock, Source, SourceShape } from '@qianzhi/plugin-api';
import { type ChangeReader, walkChanges } from './changes.js';
import { type Place, placeOf } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import type { WalkedTable } from './walked-table.js';
import { type WatermarkReader, walkWatermark } from './watermark.js';

/** What a connector brings of one opened source: its ways of reading. What makes strategies of them stands here. */
export interface SourceWalks {
  readonly table: WalkedTable;
  readonly shape: SourceShape;
  /** A function: asked before each read, because what it can go on from may change. */
  readonly copy: TableCopy | ((signal: AbortSignal) => Promise<TableCopy>);
  /** Of the strategy that was asked for; neither for `snapshot`. */
  readonly watermark: WatermarkReader | undefined;
  readonly changes: ChangeReader | undefined;
  throwIfAborted(signal: AbortSignal): void;
  close(): Promise<void>;
}

export function walkedSource(walks: SourceWalks): Source {
  const { table, changes } = walks;
  return {
    shape: walks.shape,
    async *read(checkpoint, limits, signal) {
      walks.throwIfAborted(signal);
      const place = placeOf(checkpoint, table);
      const copy = typeof walks.copy === 'function' ? await walks.copy(signal) : walks.copy;
      for await (const block of blocksOf(walks, copy, place, limits, signal)) {
        yield block;
        walks.throwIfAborted(signal);
      }
    },
    async confirm(checkpoint, signal) {
      const place = placeOf(checkpoint, table);
      if (place?.phase === 'changes') await changes?.purge?.(place, signal);
    },
    notices: () => [...table.notices.values()],
    [Symbol.asyncDispose]: () => walks.close(),
  };
}

function blocksOf(
  { table, watermark, changes }: SourceWalks,
  copy: TableCopy,
  place: Place | undefined,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncIterable<RowsBlock> {
  if (watermark) return walkWatermark(table, copy, watermark, place, limits, signal);
  if (changes) return walkChanges(table, copy, changes, place, limits, signal);
  // one full copy each time the last one is done
  const start = place?.phase === 'snapshot' ? place : copyStart(copy);
  return walkCopy(table.strategy, copy, start, limits, signal);
}
