import { chinaDay, type Quota } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Amount } from '../ports.js';

/** What one agreement has used of one day. */
export interface DayCount {
  readonly day: string;
  requests: number;
  rows: number;
  bytes: number;
  /** When requests of the last minute began, oldest first, in ms since 1970. */
  readonly recent: number[];
}

/**
 * Counts of today, held in memory: one process serves one database. A day is read from the tables when it is first asked for,
 * so that a restart forgets at most the requests that were begun and came to nothing.
 */
export interface DayCounts {
  of(agreement: string, at: Date): Promise<DayCount>;
  /** Does nothing for an agreement that nobody has asked for today. */
  add(agreement: string, at: Date, amount: Amount): void;
}

export function createDayCounts(db: Knex): DayCounts {
  const counts = new Map<string, Promise<DayCount>>();
  let today = '';

  function held(agreement: string, at: Date): Promise<DayCount> | undefined {
    const day = chinaDay(at);
    if (day !== today) counts.clear();
    today = day;
    return counts.get(agreement);
  }

  async function read(agreement: string, day: string): Promise<DayCount> {
    const sums = { rows: 'rows', bytes: 'bytes' };
    const operations = await db('operations')
      .where({ agreement, day })
      .count({ requests: '*' })
      .sum(sums)
      .first();
    const deliveries = await db('deliveries')
      .where({ agreement, delivered_on: day })
      .sum({ rows: 'rows', bytes: 'stored_bytes' })
      .first();
    const sum = (name: 'rows' | 'bytes') => Number(operations?.[name] ?? 0) + Number(deliveries?.[name] ?? 0);
    return {
      day,
      requests: Number(operations?.requests ?? 0),
      rows: sum('rows'),
      bytes: sum('bytes'),
      recent: [],
    };
  }

  return {
    of(agreement, at) {
      const known = held(agreement, at);
      if (known) return known;
      const reading = read(agreement, today);
      reading.catch(() => counts.delete(agreement));
      counts.set(agreement, reading);
      return reading;
    },
    add(agreement, at, { rows, bytes }) {
      held(agreement, at)?.then(
        (count) => {
          count.rows += rows;
          count.bytes += bytes;
        },
        // told to who asked for the day; whoever asks next reads it anew, with this in it
        () => undefined,
      );
    },
  };
}

/** The first bound that leaves nothing, and what is used of it. */
export function usedUp(
  quota: Quota,
  count: DayCount,
  at: Date,
): { readonly bound: keyof Quota; readonly used: number } | undefined {
  const used: Readonly<Record<keyof Quota, number>> = {
    requestsPerMinute: inLastMinute(count, at),
    requestsPerDay: count.requests,
    rowsPerDay: count.rows,
    bytesPerDay: count.bytes,
  };
  const bounds = Object.keys(used) as (keyof Quota)[];
  const bound = bounds.find((name) => quota[name] !== undefined && used[name] >= quota[name]);
  return bound && { bound, used: used[bound] };
}

function inLastMinute({ recent }: DayCount, at: Date): number {
  const from = at.getTime() - 60_000;
  while (recent.length > 0 && recent[0]! <= from) recent.shift();
  return recent.length;
}
