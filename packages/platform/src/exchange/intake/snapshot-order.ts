import { type BatchManifest, streamName } from '@qianzhi/model';
import { exchangeErrors } from '../errors.js';
import type { StreamRow } from '../stream-table.js';

/** The snapshot part of a stream's state after a batch. */
export interface SnapshotState {
  readonly snapshot_id: string | null;
  readonly snapshot_from: number | null;
  readonly snapshot_part: number;
  readonly snapshot_rows: number;
  readonly complete_from: number | null;
}

/**
 * What the next batch does to the stream's snapshot: parts come in order, of one schema version, the last with
 * the totals; part 1 of another id aborts the open one; a delta waits for the end of the snapshot; an epoch
 * after the first begins with a snapshot. Throws QZ_PLATFORM_SNAPSHOT_ORDER (integrity).
 */
export function snapshotAfter(row: StreamRow, manifest: BatchManifest): SnapshotState {
  const { kind, snapshot, seq, rows, schemaVersion, stream } = manifest;
  const wrong = (problem: string) =>
    exchangeErrors.SNAPSHOT_ORDER({ stream: streamName(stream), seq, problem });
  if (kind !== 'snapshot' || !snapshot) {
    if (kind === 'snapshot') throw wrong('a snapshot batch does not say its part');
    if (snapshot) throw wrong('a delta names a snapshot part');
    if (row.snapshot_id !== null) throw wrong(`a delta came inside snapshot ${row.snapshot_id}`);
    if (row.epoch > 1 && row.seq === 0) throw wrong('a new epoch begins with a snapshot');
    return row;
  }
  const first = snapshot.part === 1;
  if (first && snapshot.id === row.snapshot_id) throw wrong('part 1 came twice');
  if (!first) {
    if (snapshot.id !== row.snapshot_id) throw wrong(`part ${snapshot.part} of a snapshot that is not open`);
    if (snapshot.part !== row.snapshot_part + 1) {
      throw wrong(`part ${snapshot.part} came, part ${row.snapshot_part + 1} is next`);
    }
    if (schemaVersion !== row.schema_version) throw wrong('its parts are of different schema versions');
  }
  const from = first ? seq : row.snapshot_from;
  const sum = (first ? 0 : row.snapshot_rows) + rows;
  if (!snapshot.last) {
    if (snapshot.totals) throw wrong('only the last part carries totals');
    return {
      snapshot_id: snapshot.id,
      snapshot_from: from,
      snapshot_part: snapshot.part,
      snapshot_rows: sum,
      complete_from: row.complete_from,
    };
  }
  if (!snapshot.totals) throw wrong('the last part carries no totals');
  if (snapshot.totals.parts !== snapshot.part || snapshot.totals.rows !== sum) {
    const { parts, rows: total } = snapshot.totals;
    throw wrong(`its totals say ${parts} parts and ${total} rows, ${snapshot.part} and ${sum} came`);
  }
  return { snapshot_id: null, snapshot_from: null, snapshot_part: 0, snapshot_rows: 0, complete_from: from };
}
