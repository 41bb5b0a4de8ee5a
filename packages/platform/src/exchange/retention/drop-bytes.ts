import type { Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { keyOf } from '../stream-table.js';

/** At most this many in one transaction, so that nothing else waits long. */
const AT_ONCE = 500;

/**
 * Takes batches before `keepFrom` out of the index, except those a consumer has been told of and may still fetch.
 * Manifests stay. Answers how many.
 */
export async function dropSourceBytes(db: Knex, stream: Stream, keepFrom: number): Promise<number> {
  return dropAll(db, 'batches', (trx) =>
    trx('batches')
      .where(keyOf(stream))
      .where('seq', '<', keepFrom)
      .whereNotNull('bytes_id')
      .whereNotIn('seq', stillFetched(trx, stream)),
  );
}

/** Source batches whose own bytes are delivered and not receipted yet, under a grant in force. */
function stillFetched(trx: Knex.Transaction, stream: Stream): Knex.QueryBuilder {
  return trx('deliveries as d')
    .join('delivery_streams as s', sameDeliveryStream)
    .where({ 'd.resource': stream.resource, 'd.agent': stream.agent, 'd.epoch': stream.epoch })
    .where({ 's.state': 'open' })
    .whereNull('d.bytes_id')
    .whereRaw('d.seq > s.final_seq')
    .select('d.source_seq');
}

/** Takes projections out of the index that have their final receipt or whose delivery stream is closed. */
export async function dropProjections(db: Knex): Promise<number> {
  return dropAll(db, 'deliveries', (trx) =>
    trx('deliveries as d')
      .join('delivery_streams as s', sameDeliveryStream)
      .whereNotNull('d.bytes_id')
      .whereRaw("(d.seq <= s.final_seq or s.state = 'closed')"),
  );
}

function sameDeliveryStream(join: Knex.JoinClause): void {
  for (const column of ['agreement', 'grant_version', 'resource', 'agent', 'epoch']) {
    join.on(`d.${column}`, `s.${column}`);
  }
}

async function dropAll(
  db: Knex,
  table: 'batches' | 'deliveries',
  which: (trx: Knex.Transaction) => Knex.QueryBuilder,
): Promise<number> {
  for (let dropped = 0; ; ) {
    const count = await db.transaction(async (trx) => {
      const rows: { bytes_id: string }[] = await which(trx).limit(AT_ONCE).select('bytes_id');
      const ids = rows.map((row) => row.bytes_id);
      await trx(table).whereIn('bytes_id', ids).update({ bytes_id: null });
      await trx('stored_bytes').whereIn('id', ids).delete();
      return ids.length;
    });
    dropped += count;
    if (count < AT_ONCE) return dropped;
  }
}
