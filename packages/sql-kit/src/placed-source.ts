import type { ReadLimits, RowsBlock, Source, SourceNotice, SourceShape } from '@qianzhi/plugin-api';
import { type Place, placeOf } from './checkpoint.js';

/** A source whose checkpoints are places. */
export interface PlacedSource {
  readonly strategy: string;
  readonly shape: SourceShape;
  readonly notices: ReadonlyMap<string, SourceNotice>;
  read(place: Place | undefined, limits: ReadLimits, signal: AbortSignal): AsyncIterable<RowsBlock>;
  /** A place that has its receipt. */
  confirm(place: Place | undefined, signal: AbortSignal): Promise<void>;
  throwIfAborted(signal: AbortSignal): void;
  /** The error of a checkpoint that is none of this source's. */
  unknown(cause?: unknown): Error;
  close(): Promise<void>;
}

export function placedSource(of: PlacedSource): Source {
  return {
    shape: of.shape,
    async *read(checkpoint, limits, signal) {
      of.throwIfAborted(signal);
      const place = placeOf(checkpoint, of.strategy, of.unknown);
      for await (const block of of.read(place, limits, signal)) {
        yield block;
        of.throwIfAborted(signal);
      }
    },
    async confirm(checkpoint, signal) {
      await of.confirm(placeOf(checkpoint, of.strategy, of.unknown), signal);
    },
    notices: () => [...of.notices.values()],
    [Symbol.asyncDispose]: () => of.close(),
  };
}
