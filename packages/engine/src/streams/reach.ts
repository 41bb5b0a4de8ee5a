import { streamName } from '@qianzhi/model';
import type { Checkpoint } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { StreamReach } from '../surface.js';

/**
 * The first batch of a stream whose checkpoint is `within`, and its receipt. Checkpoints rise with the batches, so it is searched by
 * halving; the engine itself never looks inside one. Where batches have left the store for a file, it may have been one of those.
 */
export function reachOf(
  core: Core,
  tables: Tables,
  resource: string,
  within: (checkpoint: Checkpoint) => boolean,
): StreamReach {
  const row = tables.streams.get(resource);
  if (!row) return { stage: 'waiting' };

  /** One without a checkpoint (rows of a retry) stands where the one before it does. */
  function isWithin(seq: number): boolean {
    const checkpoint = tables.batches.checkpointAt(resource, row!.epoch, seq);
    return checkpoint !== undefined && within(checkpoint);
  }

  const first = tables.batches.firstWithCheckpoint(resource, row.epoch);
  const isArchived = row.seq > 0 && !tables.batches.get(resource, row.epoch, 1);
  if (isArchived && (first === undefined || isWithin(first)) && row.committed && within(row.committed))
    return { stage: 'stored' };
  if (first === undefined || !isWithin(row.seq)) return { stage: 'waiting' };
  let [below, seq] = [first - 1, row.seq];
  while (seq - below > 1) {
    const middle = (below + seq) >> 1;
    if (isWithin(middle)) seq = middle;
    else below = middle;
  }
  const batch = tables.batches.get(resource, row.epoch, seq)!;
  const stream = streamOf(row, core.options.identity.agent);
  const { epoch } = stream;
  const { sealedAt } = batch;
  const facts = { stream: streamName(stream), epoch, seq, batch: batch.manifest.body.id, sealedAt };
  if (seq > row.receipted) return { stage: 'sealed', ...facts };
  return { stage: 'stored', ...facts, receipt: tables.receipts.covering(facts.stream, seq) };
}
