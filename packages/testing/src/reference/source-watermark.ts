import type { CatalogResource } from '@qianzhi/model';
import type { Source, SourceNotice } from '@qianzhi/plugin-api';
import type { RowTexts } from '../connector/harness.js';
import { blocksOf, type SourceRow } from './blocks.js';
import {
  clockText,
  type MemoryServer,
  type MemoryTable,
  placeOf,
  project,
  rowsInOrder,
} from './memory-server.js';
import { roundTrip } from './round-trip.js';

/**
 * Rows come in order of time and key. `time` is the time of the last row read. `recent` holds the rows carried from
 * the overlap before it, so that one that is read again unchanged is left out.
 */
interface Position {
  readonly time: string;
  readonly recent: Readonly<Record<string, string>>;
}

const start: Position = { time: '', recent: {} };

export function openWatermarkSource(
  server: MemoryServer,
  table: MemoryTable,
  resource: CatalogResource,
  watermark: { readonly column: string; readonly overlapMs: number },
): Source {
  const timeAt = table.columns.findIndex((column) => column.column === watermark.column);
  const inOrder = project(table, resource);
  let notices: readonly SourceNotice[] = [];

  function* changedRows(position: Position, now: string): Generator<SourceRow> {
    let { time } = position;
    const recent = new Map(Object.entries(position.recent));
    let repeated = 0;
    function checkpoint(): string {
      const from = before(time, watermark.overlapMs);
      const kept = [...recent].filter(([, content]) => (JSON.parse(content) as RowTexts)[timeAt]! >= from);
      return JSON.stringify({ time, recent: Object.fromEntries(kept) } satisfies Position);
    }
    for (const values of inTimeOrder(table, timeAt, before(time, watermark.overlapMs), now)) {
      const place = placeOf(table, values);
      const content = JSON.stringify(values);
      if (recent.get(place) === content) {
        repeated += 1;
        continue;
      }
      recent.set(place, content);
      if (values[timeAt]! > time) time = values[timeAt]!;
      yield { op: 'U', values: inOrder(values), checkpoint, repeated };
      repeated = 0;
    }
  }
  return {
    async *read(checkpoint, limits, signal) {
      await roundTrip(signal, 'read');
      const position = checkpoint === undefined ? start : (JSON.parse(checkpoint) as Position);
      const now = clockText(server.now());
      notices = unorderedRows(table, timeAt, now);
      yield* blocksOf(changedRows(position, now), 'delta', limits, signal);
    },
    async confirm() {},
    notices: () => notices,
    async [Symbol.asyncDispose]() {},
  };
}

/** Rows with a time from `from` to `until`, in order of time and key. Later ones wait until their time has come. */
function inTimeOrder(table: MemoryTable, timeAt: number, from: string, until: string): RowTexts[] {
  return rowsInOrder(table)
    .map((row) => row.values)
    .filter((values) => values[timeAt] != null && values[timeAt] >= from && values[timeAt] <= until)
    .sort((a, b) => (a[timeAt]! < b[timeAt]! ? -1 : a[timeAt]! > b[timeAt]! ? 1 : 0));
}

function before(time: string, overlapMs: number): string {
  return time === '' ? '' : clockText(Date.parse(`${time.replace(' ', 'T')}Z`) - overlapMs);
}

/** Rows that no order by time can reach: alarmed until someone sets their time right. */
function unorderedRows(table: MemoryTable, timeAt: number, now: string): SourceNotice[] {
  const times = rowsInOrder(table).map((row) => row.values[timeAt] ?? null);
  const counts = {
    'watermark-null': times.filter((time) => time === null).length,
    'watermark-future': times.filter((time) => time !== null && time > now).length,
  };
  return Object.entries(counts)
    .filter(([, rows]) => rows > 0)
    .map(([code, rows]) => ({ code, rows, details: { table: table.name } }));
}
