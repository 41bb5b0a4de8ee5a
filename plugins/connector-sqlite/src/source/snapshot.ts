import type { ReadLimits, RowsBlock } from '@qianzhi/plugin-api';
import { whenFree } from '../file/pace.js';
import { checkpointOf, type Place, type SnapshotPlace } from './checkpoint.js';
import { after, type KeyPart } from './order.js';
import { condition, type Reading } from './reading.js';
import { createSliceReader, type SliceQuery } from './slice.js';
import { walk } from './walk.js';

/** Where a new walk begins. */
export async function snapshotStart(
  reading: Reading,
  signal: AbortSignal,
  mark?: unknown,
  seen?: string,
): Promise<SnapshotPlace> {
  return { phase: 'snapshot', schemaVersion: await schemaVersion(reading, signal), mark, seen };
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
  const version = await schemaVersion(reading, signal);
  const moved = place.after !== undefined && order.movedByVacuum && place.schemaVersion !== version;
  const here: SnapshotPlace = moved ? { ...place, schemaVersion: version, after: undefined } : place;
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

/** VACUUM raises it, as every change of the schema does. */
function schemaVersion({ db, about, busyTimeoutMs }: Reading, signal: AbortSignal): Promise<number> {
  return whenFree(() => Number(db.pragma('schema_version', { simple: true })), about, busyTimeoutMs, signal);
}
