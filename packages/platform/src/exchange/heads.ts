import type { Head, Receipt, Signed, Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { AgentCaller } from '../server/caller.js';
import { storedReceiptsAfter } from './receipt-table.js';
import { headOf, keyOf, listStreams } from './stream-table.js';

/** What an agent asks for to find lost or restored state on either side. */
export interface Heads {
  /** The platform's head of every stream of the agent, newest epoch of each. */
  heads(caller: AgentCaller): Promise<{ stream: Stream; head: Head }[]>;
  /** Receipts of stage stored after a seq, in order: for ones lost on the way. */
  storedReceipts(
    caller: AgentCaller,
    resource: string,
    epoch: number,
    after: number,
    limit: number,
  ): Promise<Signed<Receipt>[]>;
}

export function createHeads(db: Knex): Heads {
  return {
    async heads({ agent }) {
      const rows = await listStreams(db, { agent });
      const newest = new Map(rows.map((row) => [row.resource, row]));
      return [...newest.values()].map((row) => ({ stream: keyOf(row), head: headOf(row) }));
    },
    storedReceipts: ({ agent }, resource, epoch, after, limit) =>
      storedReceiptsAfter(db, { resource, agent, epoch }, after, limit),
  };
}
