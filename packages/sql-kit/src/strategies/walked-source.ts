import type { ReadLimits, RowsBlock, Source, SourceShape } from '@qianzhi/plugin-api';
import { type ChangeReader, walkChanges } from './changes.js';
import { type Place, placeOf } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import { type FlagReader, flagStrategy } from './flag.js';
import { type LogReader, walkLog } from './log.js';
import { unfitFor, type WalkedTable } from './walked-table.js';
import { type WatermarkReader, walkWatermark } from './watermark.js';

/** What a connector brings of one opened table: its ways of reading. What makes strategies of them stands here. */
export interface SourceWalks {
  readonly table: WalkedTable;
  readonly shape: SourceShape;
  /** A function: asked before each read, because what it can go on from may change. */
  readonly copy: TableCopy | ((signal: AbortSignal) => Promise<TableCopy>);
  /** Only the one of the strategy that was asked for is opened: here a spec is checked for it. */
  readonly readers: {
    watermark(): WatermarkReader | Promise<WatermarkReader>;
    changes(): ChangeReader | Promise<ChangeReader>;
    flag(): FlagReader | Promise<FlagReader>;
    log?(): LogReader | Promise<LogReader>;
  };
  throwIfAborted(signal: AbortSignal): void;
  close(): Promise<void>;
}

/** A strategy over the ways of reading of one source. */
interface Strategy {
  readonly follows?: boolean | undefined;
  read(
    copy: TableCopy,
    place: Place | undefined,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncIterable<RowsBlock>;
  /** A place that has its receipt. */
  confirm?(place: Place, signal: AbortSignal): Promise<void>;
}

/** Throws what the readers throw, and STRATEGY_UNFIT (config) for a strategy that there is none of. */
export async function openWalkedSource(walks: SourceWalks): Promise<Source> {
  const { table } = walks;
  const strategy = await strategyOf(walks);
  return {
    shape: walks.shape,
    follows: strategy.follows ?? false,
    async *read(checkpoint, limits, signal) {
      walks.throwIfAborted(signal);
      const place = placeOf(checkpoint, table);
      const copy = typeof walks.copy === 'function' ? await walks.copy(signal) : walks.copy;
      for await (const block of strategy.read(copy, place, limits, signal)) {
        yield block;
        walks.throwIfAborted(signal);
      }
    },
    async confirm(checkpoint, signal) {
      const place = placeOf(checkpoint, table);
      if (place) await strategy.confirm?.(place, signal);
    },
    notices: () => [...table.notices.values()],
    [Symbol.asyncDispose]: () => walks.close(),
  };
}

async function strategyOf({ table, readers }: SourceWalks): Promise<Strategy> {
  switch (table.strategy) {
    case 'snapshot':
      return {
        read(copy, place, limits, signal) {
          // one full copy each time the last one is done
          const start = place?.phase === 'snapshot' ? place : copyStart(copy);
          return walkCopy(table.strategy, copy, start, limits, signal);
        },
      };
    case 'watermark': {
      const watermark = await readers.watermark();
      return {
        read: (copy, place, limits, signal) => walkWatermark(table, copy, watermark, place, limits, signal),
      };
    }
    case 'change-table': {
      const changes = await readers.changes();
      return {
        read: (copy, place, limits, signal) => walkChanges(table, copy, changes, place, limits, signal),
        async confirm(place, signal) {
          if (place.phase === 'changes') await changes.purge?.(place, signal);
        },
      };
    }
    case 'flag':
      return flagStrategy(table, await readers.flag());
    case 'log': {
      const log = await readers.log?.();
      if (!log) throw strategyMissing(table);
      return {
        follows: log.follows,
        read: (copy, place, limits, signal) => walkLog(table, copy, log, place, limits, signal),
        async confirm(place, signal) {
          if (place.phase === 'log') await log.release(place, signal);
        },
      };
    }
    default:
      throw strategyMissing(table);
  }
}

function strategyMissing(table: WalkedTable) {
  return unfitFor(table)('本连接器没有该策略', 'this connector does not have it');
}
