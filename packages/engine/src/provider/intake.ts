import type { CatalogResource, SupplyExchange } from '@qianzhi/model';
import type { RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { compileValidator, type RejectedRow } from '@qianzhi/rows';
import type { Core } from '../core.js';
import type { Quarantine, Rejection } from '../quarantine/quarantine.js';
import { type StaleKeys, staleKeysOf } from '../quarantine/stale-keys.js';
import type { Tables } from '../store/tables.js';
import { checkRejectLimit } from './reject-limit.js';
import type { RunCounts } from './run-counts.js';

/** What one block came to. `rejections` are durable in quarantine already. */
export interface Taken {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejections: readonly Rejection[];
  readonly flagged: number;
}

/** Checks every row against the catalog; bad ones go to quarantine, and past the exchange's limit it stops. */
export interface Intake {
  take(block: RowsBlock): Taken;
  /** Of rows taken; a whole copy's begin and end are told to it. */
  readonly stale: StaleKeys;
  /** Rows worth a look among accepted ones. */
  flaggedIn(bytes: Uint8Array): number;
  /** Throws QZ_ENGINE_REJECT_LIMIT. */
  checkLimit(): void;
}

export interface IntakeParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly quarantine: Quarantine;
  readonly exchange: SupplyExchange;
  readonly resource: CatalogResource;
  readonly counts: RunCounts;
}

export function createIntake({ core, tables, quarantine, exchange, resource, counts }: IntakeParts): Intake {
  const validator = compileValidator(resource);
  const stale = staleKeysOf(core, tables, quarantine, exchange.name, resource);
  const of = { exchange: exchange.name, resource: resource.code, direction: 'supply' } as const;
  // the run's own shares: counts.read loses folded rows later
  let read = 0;
  let rejected = 0;
  return {
    stale,
    flaggedIn: (bytes) => validator.validate(bytes).flaggedRows,
    take(block) {
      const checked = validator.validate(block.bytes);
      const bySource = block.rejected.map(ofSource);
      const rejections = [...bySource, ...checked.rejected.map((row) => ofValidator(row, block))];
      if (rejections.length > 0) {
        quarantine.put(of, rejections);
        stale.marked();
      }
      // where among the others a source refused a row is not known: it counts as the last
      const last = bySource.map(({ key }) => ({ key, row: Number.POSITIVE_INFINITY }));
      if (block.phase === 'delta') stale.clear(checked.bytes, [...checked.rejected, ...last]);
      read += checked.read + block.rejected.length;
      rejected += rejections.length;
      counts.read += checked.read + block.rejected.length;
      counts.rejected += rejections.length;
      counts.flagged += checked.flaggedRows;
      counts.repeated += block.repeated;
      return { bytes: checked.bytes, rows: checked.rows, rejections, flagged: checked.flaggedRows };
    },
    checkLimit: () => checkRejectLimit(exchange.name, exchange.rejectLimit, read, rejected),
  };
}

function ofSource(row: RowRejection): Rejection {
  const key = row.key === undefined ? '' : Buffer.from(row.key).toString('utf8');
  return { op: row.op, item: row.item, reason: row.reason, bytes: row.bytes, key, place: row.place };
}

function ofValidator(row: RejectedRow, { placeOf }: RowsBlock): Rejection {
  return {
    op: row.op ?? '?',
    item: row.column ?? '*',
    reason: row.reason,
    bytes: row.bytes,
    key: row.key,
    place: placeOf?.(row.row - 1),
  };
}
