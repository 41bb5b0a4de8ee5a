import type { Mode } from '@qianzhi/model';
import type { Knex } from 'knex';
import { addBegins } from './begins.js';
import { AT_ONCE, type OldRows, type ReceiptRow } from './old-rows.js';
import { addUsageOf, type UsedOn } from './sums.js';

interface OperationRow extends ReceiptRow {
  readonly agreement: string;
  readonly grant_version: number;
  readonly operation: number;
  readonly mode: Mode;
  readonly consumer: string;
  readonly actor: string;
  readonly matter: string;
  readonly day: string;
  readonly done_at: string;
  readonly bytes: number;
  readonly followed_by: number | null;
}

const use = ['agreement', 'grant_version', 'mode'];

/** Queries, downloads and packages with their receipts, in the order they were done; each use keeps its newest, which the next one follows. */
export async function* oldOperations(db: Knex, before: string): AsyncGenerator<OldRows> {
  for (let after = 0; ; ) {
    const page: OperationRow[] = await db('operations')
      .join('receipts', 'receipts.id', 'operations.receipt')
      .leftJoin({ next: 'operations' }, (on) => {
        for (const column of use) on.andOn(`next.${column}`, `operations.${column}`);
        on.andOn('next.seq', '=', db.raw('operations.seq + 1'));
      })
      .where('operations.position', '>', after)
      .orderBy('operations.position')
      .limit(AT_ONCE)
      .select('operations.*', 'receipts.*', { operation: 'operations.position', followed_by: 'next.seq' });
    const young = page.findIndex(({ done_at }) => done_at >= before);
    const old = young < 0 ? page : page.slice(0, young);
    const going = old.filter(({ followed_by }) => followed_by !== null);
    if (going.length > 0) yield leave(going);
    if (old.length < AT_ONCE) return;
    after = Number(page.at(-1)!.operation);
  }
}

function leave(rows: readonly OperationRow[]): OldRows {
  return {
    lines: rows.map(({ document, provider, consumer, actor, matter, bytes }) => {
      const facts = JSON.stringify({ provider, consumer, actor, matter, bytes: Number(bytes) });
      return `{"operation":{"receipt":${document},${facts.slice(1)}}`;
    }),
    async remove(trx, { file }) {
      const removed = (table: string, positions: readonly number[]) =>
        trx(table).whereIn('position', positions).delete();
      await removed(
        'operations',
        rows.map(({ operation }) => operation),
      );
      await removed(
        'receipts',
        rows.map(({ position }) => position),
      );
      for (const [of, count] of amounts(rows)) await addUsageOf(trx, of, count);
      await addBegins(trx, rows, file);
    },
  };
}

/** By day and use. */
function amounts(rows: readonly OperationRow[]) {
  const sums = new Map<string, [UsedOn, { requests: number; rows: number; bytes: number }]>();
  for (const { day, mode, agreement, grant_version, resource, provider, consumer, ...row } of rows) {
    const name = [day, mode, agreement, grant_version].join(' ');
    const of = { day, mode, agreement, grant_version, resource, agent: '', epoch: 0, provider, consumer };
    const [, sum] = sums.get(name) ?? [of, { requests: 0, rows: 0, bytes: 0 }];
    sum.requests += 1;
    sum.rows += Number(row.rows);
    sum.bytes += Number(row.bytes);
    sums.set(name, [of, sum]);
  }
  return sums.values();
}
