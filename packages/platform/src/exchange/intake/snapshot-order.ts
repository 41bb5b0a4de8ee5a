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
 * after the first begins with a snapshot, or a file. Throws QZ_PLATFORM_SNAPSHOT_ORDER (integrity).
 */
export function snapshotAfter(row: StreamRow, manifest: BatchManifest): SnapshotState {
  const { kind, snapshot, seq, rows, schemaVersion, stream } = manifest;
  const wrong = (problem: string, problemZh: string) =>
    exchangeErrors.SNAPSHOT_ORDER({ stream: streamName(stream), seq, problem, problemZh });
  if (kind !== 'snapshot' || !snapshot) {
    if (kind === 'snapshot') throw wrong('a snapshot batch does not say its part', '快照批次未注明部分');
    if (snapshot) throw wrong('a delta names a snapshot part', '增量批次注明了快照部分');
    if (row.snapshot_id !== null) throw wrong('a delta came inside a snapshot', '快照未完成时收到增量批次');
    if (kind === 'delta' && row.epoch > 1 && row.seq === 0)
      throw wrong('a new epoch begins with a snapshot', '新纪元须以快照开始');
    return row;
  }
  const first = snapshot.part === 1;
  if (first && snapshot.id === row.snapshot_id) throw wrong('part 1 came twice', '第 1 部分重复');
  if (!first) {
    if (snapshot.id !== row.snapshot_id) {
      throw wrong('it is of a snapshot that is not open', '所属快照未开始');
    }
    if (snapshot.part !== row.snapshot_part + 1) {
      const next = row.snapshot_part + 1;
      throw wrong(
        `part ${snapshot.part} came, part ${next} is next`,
        `收到第 ${snapshot.part} 部分,应为第 ${next} 部分`,
      );
    }
    if (schemaVersion !== row.schema_version) {
      throw wrong('its parts are of different schema versions', '各部分的架构版本不同');
    }
  }
  const from = first ? seq : row.snapshot_from;
  const sum = (first ? 0 : row.snapshot_rows) + rows;
  if (!snapshot.last) {
    if (snapshot.totals) throw wrong('only the last part carries totals', '只有最后一部分可带合计');
    return {
      snapshot_id: snapshot.id,
      snapshot_from: from,
      snapshot_part: snapshot.part,
      snapshot_rows: sum,
      complete_from: row.complete_from,
    };
  }
  if (!snapshot.totals) throw wrong('the last part carries no totals', '最后一部分缺少合计');
  if (snapshot.totals.parts !== snapshot.part || snapshot.totals.rows !== sum) {
    const { parts, rows: total } = snapshot.totals;
    throw wrong(
      `its totals say ${parts} parts and ${total} rows, ${snapshot.part} and ${sum} came`,
      `合计为 ${parts} 部分 ${total} 行,实收 ${snapshot.part} 部分 ${sum} 行`,
    );
  }
  return { snapshot_id: null, snapshot_from: null, snapshot_part: 0, snapshot_rows: 0, complete_from: from };
}
