import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type Place, type SnapshotPlace } from './checkpoint.js';
import { walk } from './chunks.js';
import type { Reading } from './reading.js';

export function snapshotStart(next: Place): SnapshotPlace {
  return { phase: 'snapshot', next };
}

/**
 * Reads the whole table from `place`. Chunks are resumed behind the last row; a table without an order, or one that is to be one
 * moment, is read in one piece and begins again with `restart` when it was interrupted.
 */
export async function* readSnapshot(
  reading: Reading,
  place: SnapshotPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const { order, spec, strategy } = reading;
  const moment = spec.consistency === 'transaction';
  const resumable = order !== undefined && !moment;
  const restart = place.begun === true || (place.after !== undefined && !resumable);
  const session = await reading.session(signal);
  const plan = { op: 'S', terms: order?.terms ?? [], total: order?.total ?? false } as const;
  // a limit of rows would end a read that cannot go on
  const bounded = resumable ? limits : { blockBytes: limits.blockBytes };
  const start = resumable ? place.after : undefined;
  let first = true;
  if (moment) await session.begin('read', signal);
  try {
    for await (const { bytes, rows, rejected, last, ended } of walk(
      reading,
      session,
      plan,
      start,
      bounded,
      signal,
    )) {
      const here: SnapshotPlace = resumable
        ? { phase: 'snapshot', next: place.next, ...(last && { after: last }) }
        : { phase: 'snapshot', next: place.next, begun: true };
      yield {
        kind: 'rows',
        phase: 'snapshot',
        bytes,
        rows,
        repeated: 0,
        rejected,
        ...(ended && { lastOfSnapshot: true }),
        ...(first && restart && { restart: true }),
        checkpoint: checkpointOf(strategy, ended ? place.next : here),
      };
      first = false;
    }
  } finally {
    if (moment) await session.rollback();
  }
}
