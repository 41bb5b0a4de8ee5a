import { createHash } from 'node:crypto';
import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type {
  Checkpoint,
  PluginContext,
  ReadLimits,
  RowRejection,
  SinkBatch,
  Source,
} from '@qianzhi/plugin-api';
import { resourceOf } from './resources.js';
import { delivery } from './writing.js';

/** For tests that look at row text itself: what a driver was told, and what came of it. */
export function resourceWith(
  items: readonly (Partial<CatalogItem> & Pick<CatalogItem, 'column' | 'type'>)[],
): CatalogResource {
  return resourceOf(
    'contract',
    items.map((item) => ({ name: item.column, ...item })),
  );
}

/** What a plugin is given of a process in which nothing is logged and the clock stands still. */
export const quietContext: PluginContext = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => new Date('2026-01-02T03:04:05Z'),
  tempDir: '/nonexistent',
  timeZone: 'Asia/Shanghai',
};

/** A signal that never aborts. */
export const noAbort: AbortSignal = new AbortController().signal;

export interface ReadLines {
  /** Row text of all blocks. */
  readonly text: string;
  readonly checkpoints: readonly Checkpoint[];
  readonly rejected: readonly RowRejection[];
  readonly restarted: boolean;
}

export async function readLines(
  source: Source,
  checkpoint?: Checkpoint,
  limits: ReadLimits = { blockBytes: 65_536 },
): Promise<ReadLines> {
  const texts: string[] = [];
  const checkpoints: Checkpoint[] = [];
  const rejected: RowRejection[] = [];
  let restarted = false;
  for await (const block of source.read(checkpoint, limits, noAbort)) {
    if (block.kind !== 'rows') continue;
    texts.push(Buffer.from(block.bytes).toString());
    checkpoints.push(block.checkpoint);
    rejected.push(...block.rejected);
    restarted ||= block.restart ?? false;
  }
  return { text: texts.join(''), checkpoints, rejected, restarted };
}

/** A batch of lines of row text, of the contract's delivery. */
export function batchOfLines(
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  snapshot?: SinkBatch['snapshot'],
): SinkBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return {
    delivery,
    seq,
    kind: snapshot ? 'snapshot' : 'delta',
    ...(snapshot && { snapshot }),
    resource,
    rowsDigest: `sha256:${createHash('sha256').update(bytes).digest('base64url')}`,
    rows: lines.length,
    bytes,
  };
}
