import {
  type CatalogResource,
  filePartProblem,
  isLastPart,
  type SupplyExchange,
  wholeFilesProblem,
} from '@qianzhi/model';
import type { Checkpoint, HeldBy, ReadLimits, RowsBlock, Source, SourceBlock } from '@qianzhi/plugin-api';
import { engineErrors } from '../errors.js';
import type { CleanBlock } from '../sealer/block.js';
import type { Intake } from './intake.js';
import type { RunCounts } from './run-counts.js';

/** Clean blocks of one resource, whatever the strategy. One `read` at a time. */
export interface Feed {
  read(checkpoint: Checkpoint | undefined, signal: AbortSignal): AsyncIterable<CleanBlock>;
  /** As `Source.confirm`: after the receipts, may be repeated. */
  confirm(checkpoint: Checkpoint, signal: AbortSignal, held?: HeldBy): Promise<void>;
  /** `confirm` may come while the next block is waited for; else only between two blocks. */
  rests(): boolean;
}

/** The feed of a connector's source: each block validated as it comes. */
export function validatedFeed(
  source: Source,
  intake: Intake,
  exchange: SupplyExchange,
  limits: ReadLimits,
): Feed {
  return {
    confirm: (checkpoint, signal, held) => source.confirm(checkpoint, signal, held),
    rests: () => limits.follow !== undefined,
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

/** Files as a source reads them: nothing in them is validated but what they are called and how large they are. */
export function filesFeed(
  source: Source,
  resource: CatalogResource,
  exchange: SupplyExchange,
  counts: RunCounts,
  limits: ReadLimits,
): Feed {
  const whole = {
    phase: 'files',
    rejected: 0,
    flagged: 0,
    repeated: 0,
    lastOfSnapshot: false,
    restart: false,
  } as const;
  return {
    confirm: (checkpoint, signal, held) => source.confirm(checkpoint, signal, held),
    rests: () => false,
    async *read(checkpoint, signal) {
      for await (const block of source.read(checkpoint, limits, signal)) {
        if (block.kind === 'rows') throw otherKind(exchange, '数据行', 'rows');
        const files = filesOf(block);
        const problem = filesBlockProblem(block, limits, resource);
        if (problem) throw engineErrors.SOURCE_BROKEN({ exchange: exchange.name, problem });
        counts.read += files.rows;
        const { bytes, release } = block;
        yield { ...whole, ...files, bytes, release, checkpoint: block.checkpoint };
      }
    },
  };
}

type FilesBlock = Exclude<SourceBlock, RowsBlock>;

function filesOf(block: FilesBlock) {
  return block.kind === 'whole-files'
    ? { files: block.files, rows: block.files.length }
    : { file: block.file, rows: isLastPart(block.file, block.bytes.length) ? 1 : 0 };
}

function filesBlockProblem(block: FilesBlock, { wholeFiles }: ReadLimits, resource: CatalogResource) {
  if (block.kind === 'file-part') return filePartProblem(block.file, block.bytes.length, resource);
  const { files, bytes } = block;
  if (files.length > (wholeFiles?.files ?? 0))
    return { zh: '一块中的完整文件多于所允许', en: 'a block holds more whole files than it may' };
  if (files.reduce((sum, { size }) => sum + size, 0) !== bytes.length)
    return { zh: '内容与各文件大小不符', en: 'a block’s bytes are not those of its files' };
  return wholeFilesProblem(files, files.length, resource);
}

export function rowsBlock(block: SourceBlock, exchange: Pick<SupplyExchange, 'name' | 'strategy'>) {
  if (block.kind === 'rows') return block;
  throw otherKind(exchange, '文件', 'a file part');
}

function otherKind({ name, strategy }: Pick<SupplyExchange, 'name' | 'strategy'>, zh: string, en: string) {
  return engineErrors.SOURCE_BROKEN({
    exchange: name,
    problem: {
      zh: `按 ${strategy} 读取却给出了${zh}`,
      en: `it gave ${en} to strategy ${strategy}`,
    },
  });
}
