import { deliveryName, isSupply, streamName } from '@qianzhi/model';
import type { Core } from '../core.js';
import { problemOf } from '../failure.js';
import type { DeliveryRow } from '../store/delivery-table.js';
import { type StreamRow, streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { StreamInfo } from '../surface.js';
import { headOf } from './heads.js';

/** Codes whose stream goes on only in a new epoch. */
const needsRecovery = new Set([
  'QZ_ENGINE_STATE_BEHIND',
  'QZ_ENGINE_HEADS_DIFFER',
  'QZ_ENGINE_BATCHES_GONE',
  'QZ_ENGINE_BATCH_FILE_BROKEN',
  'QZ_ENGINE_OUTBOX_DISCARDED',
  'QZ_PLATFORM_BATCH_CONFLICT',
  'QZ_PLATFORM_SEQUENCE_GAP',
  'QZ_PLATFORM_EPOCH_CLOSED',
  'QZ_PLATFORM_EPOCH_UNKNOWN',
  'QZ_PLATFORM_PREVIOUS_DIFFERS',
  'QZ_PLATFORM_SNAPSHOT_ORDER',
]);

/** Codes of a lost or changed comparison file: only a whole snapshot helps. */
const wantSnapshot = new Set([
  'QZ_ENGINE_CANDIDATE_BROKEN',
  'QZ_DATASET_COUNT_DIFFERS',
  'QZ_DATASET_ROWS_BROKEN',
  'QZ_DATASET_BYTES_DIFFER',
  'QZ_DATASET_FILE_MISSING',
]);

export function needsSnapshot(code: string | undefined): boolean {
  return code !== undefined && wantSnapshot.has(code);
}

export function supplyInfo(core: Core, tables: Tables, row: StreamRow): StreamInfo {
  const stream = streamOf(row, core.options.identity.agent);
  const exchange = core.options.exchanges().find((one) => isSupply(one) && one.supply === row.resource)?.name;
  const waiting = tables.batches.waiting(row.resource, row.epoch, row.receipted);
  const problem = problemOf(row.problem);
  return {
    name: streamName(stream),
    direction: 'supply',
    stream,
    exchange,
    state: row.state === 'running' && waiting.batches > 0 ? 'waiting' : row.state,
    head: headOf(row),
    receiptedSeq: row.receipted,
    waitingBatches: waiting.batches,
    waitingBytes: waiting.bytes,
    schemaVersion: row.schema?.schemaVersion,
    snapshot: row.snapshot ? { id: row.snapshot.id, part: row.snapshot.parts } : undefined,
    staleKeys: exchange === undefined ? 0 : tables.quarantine.countStale(exchange),
    problem,
    restart: problem && restartCommand(row.resource, problem.code),
    ...(row.state === 'running' && exchange !== undefined && haltOf(tables, exchange)),
  };
}

/** A stream stands still with its exchange, and starts again with it. */
function haltOf(tables: Tables, exchange: string): Pick<StreamInfo, 'state' | 'problem' | 'restart'> | false {
  const row = tables.exchanges.get(exchange);
  if (!row || row.state === 'running') return false;
  return { state: row.state, problem: problemOf(row.problem), restart: `qianzhi job resume ${exchange}` };
}

export function restartCommand(resource: string, code: string): string {
  if (needsRecovery.has(code)) return 'qianzhi agent recover';
  return code === 'QZ_ENGINE_SCHEMA_CHANGED'
    ? `qianzhi stream accept-schema ${resource}`
    : `qianzhi stream resume ${resource}`;
}

export function isRecoverable(code: string): boolean {
  return needsRecovery.has(code);
}

export function deliveryInfo(tables: Tables, row: DeliveryRow): StreamInfo {
  const name = deliveryName(row.delivery);
  const newest = tables.deliveries.newestApplied(row.exchange, row.name);
  const problem = problemOf(row.problem);
  const restart =
    row.state === 'stopped'
      ? `qianzhi stream resume ${row.resource}`
      : `qianzhi agreement apply ${row.resource} --matter MATTER`;
  return {
    name,
    direction: 'consume',
    stream: row.delivery.stream,
    delivery: row.delivery,
    exchange: row.exchange,
    state: row.state,
    head: { seq: newest?.seq ?? 0, rowsDigest: newest?.rowsDigest ?? null },
    receiptedSeq: tables.receipts.heldUpTo(name),
    waitingBatches: 0,
    waitingBytes: 0,
    staleKeys: 0,
    problem,
    restart: problem && restart,
    ...(row.state === 'running' && haltOf(tables, row.exchange)),
  };
}
