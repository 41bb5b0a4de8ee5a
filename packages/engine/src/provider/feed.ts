import type { SupplyExchange } from '@qianzhi/model';
import type { Checkpoint, ReadLimits, Source, SourceBlock } from '@qianzhi/plugin-api';
import { engineErrors } from '../errors.js';
import type { CleanBlock } from '../sealer/block.js';
import type { Intake } from './intake.js';

/** Clean blocks of one resource, whatever the strategy. One `read` at a time. */
export interface Feed {
  read(checkpoint: Checkpoint | undefined, signal: AbortSignal): AsyncIterable<CleanBlock>;
  /** As `Source.confirm`: after the receipts, may be repeated. */
  confirm(checkpoint: Checkpoint, signal: AbortSignal): Promise<void>;
}

/** The feed of a connector's source: each block validated as it comes. */
export function validatedFeed(
  source: Source,
  intake: Intake,
  exchange: SupplyExchange,
  limits: ReadLimits,
): Feed {
  return {
    confirm: (checkpoint, signal) => source.confirm(checkpoint, signal),
    async *read(checkpoint, signal) {
      let inSnapshot = false;
      for await (const block of source.read(checkpoint, limits, signal)) {
        const rows = rowsBlock(block, exchange);
        if (rows.phase === 'snapshot' && !inSnapshot && (rows.restart || checkpoint === undefined)) {
          intake.stale.beginCopy();
        }
        inSnapshot = rows.phase === 'snapshot';
        const taken = intake.take(rows);
        if (rows.lastOfSnapshot) intake.stale.endCopy();
        yield {
          phase: rows.phase,
          bytes: taken.bytes,
          release: rows.release,
          rows: taken.rows,
          rejected: taken.rejections.length,
          flagged: taken.flagged,
          repeated: rows.repeated,
          lastOfSnapshot: rows.lastOfSnapshot ?? false,
          restart: rows.restart ?? false,
          checkpoint: rows.checkpoint,
        };
      }
    },
  };
}

/** Blocks of files come with the modes that carry them; a table exchange has none. */
export function rowsBlock(block: SourceBlock, exchange: SupplyExchange) {
  if (block.kind === 'rows') return block;
  throw engineErrors.SOURCE_BROKEN({
    exchange: exchange.name,
    problem: { zh: '向数据表交换给出了文件', en: 'it gave a file part to a table exchange' },
  });
}
