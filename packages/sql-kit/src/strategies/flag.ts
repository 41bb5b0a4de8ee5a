import { randomUUID } from 'node:crypto';
import type { ReadLimits, RowRejection, RowsBlock } from '@qianzhi/plugin-api';
import { checkpointOf, type FlagPlace, type Place, type PlaceKey } from './checkpoint.js';
import { copyStart, type TableCopy, walkCopy } from './copy.js';
import { emptyDelta } from './increment.js';
import { openPicked } from './picked.js';
import { unfitFor, type WalkedTable } from './walked-table.js';

/** What the settings of a pick-up column say, whatever the database. */
export interface FlagSettings {
  readonly column: string;
  /** What the department's system writes into it; null is NULL. */
  readonly pending: FlagValue;
  readonly done: FlagValue;
}
export type FlagValue = string | number | boolean | null;

/** A block's worth of pending rows, without those that were refused. */
export interface FlagStretch {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Key of the last row that it stands for. */
  readonly last: PlaceKey;
}

/** Rows behind a key (undefined: from the first on) up to another, both in the table's order. */
export interface FlagRange {
  readonly after: PlaceKey | undefined;
  readonly upTo: PlaceKey;
}

/** How a connector reads by a pick-up column. */
export interface FlagReader {
  /** Pending rows in the table's order; without those that `carries` refuses. */
  stretches(
    carries: (row: Uint8Array) => boolean,
    limits: ReadLimits,
    signal: AbortSignal,
  ): AsyncIterable<FlagStretch>;
  /**
   * For each range in a transaction of its own: locks its pending rows, reads them again as `stretches` does (op `U`), and sets
   * those done of which `picked` answers true. Everything else stays as it is.
   */
  settle(
    ranges: readonly FlagRange[],
    picked: (row: Uint8Array) => boolean,
    signal: AbortSignal,
  ): Promise<void>;
}

/** So many rows wait for their receipts at most; then a read ends, and the next one goes on. */
export const PICKED_ROWS = 200_000;
/**
 * First a full copy; then the rows that are pending, each carried once until it is confirmed. What was picked up is known by its
 * digest, by this source and, within limits, by its checkpoints: `confirm` sets a row done only where it still is exactly that. A row
 * changed meanwhile stays pending.
 */
export function flagStrategy(table: WalkedTable, reader: FlagReader, most = PICKED_ROWS) {
  const nonce = randomUUID();
  const { keyFields } = table.projection;
  let picked = openPicked(keyFields);
  let at = 0;

  /** Goes on behind a place: what a read brought after it, nobody got. */
  function goOnBehind(place: FlagPlace): void {
    if (place.nonce === nonce) picked.keepUpTo(place.at);
    else picked = openPicked(keyFields, place);
  }

  async function* readPending(limits: ReadLimits, signal: AbortSignal): AsyncGenerator<RowsBlock> {
    let after: PlaceKey | undefined;
    let repeated = 0;
    const carries = (row: Uint8Array) => {
      const wanted = picked.isNew(row, at);
      if (!wanted) repeated++;
      return wanted;
    };
    at++;
    for await (const stretch of reader.stretches(carries, limits, signal)) {
      const { bytes, rows, last } = stretch;
      const rejected = stretch.rejected.filter((each) => picked.isNew(each.bytes, at));
      const range = { at, after, upTo: last };
      after = last;
      if (rows === 0 && rejected.length === 0) continue;
      picked.add(range);
      const checkpoint = checkpointOf(table.strategy, { phase: 'flag', nonce, at, ...picked.named() });
      at++;
      yield { kind: 'rows', phase: 'delta', bytes, rows, repeated, rejected, checkpoint };
      repeated = 0;
      if (picked.size < most) continue;
      const facts = { table: table.table.name, waiting: picked.size };
      table.context.log.warn(
        facts,
        'as many rows as can wait for receipts are picked up: the next run reads on',
      );
      return;
    }
    // rows that a source before carried are set done with the receipt of this place
    if (repeated > 0) {
      const checkpoint = checkpointOf(table.strategy, { phase: 'flag', nonce, at, ...picked.named() });
      yield { ...emptyDelta, repeated, checkpoint };
    }
  }

  return {
    async *read(
      copy: TableCopy,
      place: Place | undefined,
      limits: ReadLimits,
      signal: AbortSignal,
    ): AsyncGenerator<RowsBlock> {
      if (place?.phase === 'flag') {
        goOnBehind(place);
        yield* readPending(limits, signal);
        return;
      }
      const then = { phase: 'flag', nonce, at: 0, seen: '', ranges: [] } as const;
      const start = place?.phase === 'snapshot' ? place : copyStart(copy, then);
      yield* walkCopy(table.strategy, copy, start, limits, signal);
    },
    async confirm(place: Place, signal: AbortSignal): Promise<void> {
      if (place.phase !== 'flag') return;
      const own = place.nonce === nonce;
      const known = own ? picked : openPicked(keyFields, place);
      const upTo = own ? place.at : 0;
      const due = known.rangesUpTo(upTo);
      if (due.length === 0) return;
      await reader.settle(due, (row) => known.has(row, upTo), signal);
      if (own) picked.forgetUpTo(upTo);
    },
  };
}

/** A table, and what its connector knows of its columns. */
export interface FlagChoice<Column> {
  readonly table: WalkedTable & {
    readonly spec: { readonly flag?: FlagSettings };
    /** `total`: no two rows are equal in it. */
    readonly order: { readonly total: boolean } | undefined;
  };
  readonly readOnly: boolean;
  find(name: string): Column | undefined;
}

/** The pick-up column. Throws STRATEGY_UNFIT (config). */
export function flagColumnOf<Column>({ table: reading, readOnly, find }: FlagChoice<Column>) {
  const { spec, projection, order } = reading;
  const unfit = unfitFor(reading);
  const { flag } = spec;
  if (!flag) throw unfit('没有给出 source.flag', 'source.flag is not given');
  if (readOnly)
    throw unfit(
      '置回标志需要写权限,但连接器为 readOnly',
      'setting the flag needs write access, but the connector is readOnly',
    );
  if (flag.pending === flag.done)
    throw unfit('flag 的 pending 与 done 相同', 'pending and done of the flag are the same');
  if (projection.keyFields.length === 0) throw unfit('资源没有主键项', 'the resource has no key items');
  if (!order?.total)
    throw unfit(
      '表没有主键或唯一索引,不能逐行置回标志',
      'the table has no primary key or unique index by which single rows are set done',
    );
  const column = find(flag.column);
  if (!column)
    throw unfit(
      `没有 flag.column 所说的列“${flag.column}”`,
      `there is no column "${flag.column}", which flag.column names`,
    );
  return { spec: flag, column };
}

/** The text of a flag's value, as databases without booleans spell it; null is NULL. */
export function flagText(value: FlagValue): string | null {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return value === null ? null : String(value);
}
