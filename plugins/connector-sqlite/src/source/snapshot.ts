import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type Place, type SnapshotPlace } from './checkpoint.js';
import { after, type KeyPart } from './order.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { condition, type Reading } from './reading.js';
import { walk } from './walk.js';

/** Where a new walk begins. */
export function snapshotStart(reading: Reading, mark?: unknown, seen?: string): SnapshotPlace {
  return { phase: 'snapshot', schemaVersion: schemaVersion(reading), mark, seen };
}

/**
 * Reads the whole table in key order from `place`; `then` is where the source goes on after the last block. A walk
 * that cannot go on, because a VACUUM renumbered the rowids it is ordered by, begins again with `restart`.
 */
export async function* readSnapshot(
  reading: Reading,
  place: SnapshotPlace,
  then: Place,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<RowsBlock> {
  const { order, projection, strategy } = reading;
  const moved = place.after !== undefined && order.movedByVacuum && place.schemaVersion !== schemaVersion(reading);
  const here: SnapshotPlace = moved ? { ...snapshotStart(reading, place.mark, place.seen) } : place;
  const reader = createSliceReader(reading.db, projection, 'S', reading.about, reading.busyTimeoutMs);
  const queryAfter = (key: readonly KeyPart[] | undefined): SliceQuery => {
    const behind = key ? after(order.terms, key) : { sql: '1', values: [] };
    return {
      body: `FROM ${reading.from} WHERE (${behind.sql})${condition(reading)} ORDER BY ${order.terms.join(', ')}`,
      values: behind.values,
      terms: order.terms,
      ties: !order.total,
    };
  };
  let first = true;
  for await (const stretch of walk(reader, queryAfter, here.after, limits, reading.about.doing, signal)) {
    yield {
      kind: 'rows',
      phase: 'snapshot',
      bytes: stretch.bytes,
      rows: stretch.rows,
      repeated: 0,
      rejected: stretch.rejected,
      ...(stretch.ended && { lastOfSnapshot: true }),
      ...(first && moved && { restart: true }),
      checkpoint: checkpointOf(strategy, stretch.ended ? then : { ...here, after: stretch.last }),
    };
    first = false;
  }
}

function schemaVersion(reading: Reading): number {
  return Number(reading.db.pragma('schema_version', { simple: true }));
}
