import type { DeliveryStream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { type DeliveryKey, deliveryKey } from '../deliveries/delivery-table.js';

/**
 * A set of keys: `held` is what the consumer of a delivery stream holds after its last delivery; `open` what the parts of an
 * unfinished snapshot brought so far, which takes its place with the last one; `gone` waits to be taken away.
 */
interface HeldSet extends DeliveryKey {
  readonly id: number;
  readonly state: 'held' | 'open' | 'gone';
  readonly snapshot_id: string | null;
}

/** What one delivery changes. Keys are names (`keyNames`), never values. */
export interface HeldChange {
  readonly snapshot?: { readonly id: string; readonly first: boolean; readonly last: boolean };
  readonly brought: readonly string[];
  readonly removed: readonly string[];
}

/** Keys of one statement: SQLite works on the thread that answers requests. */
const AT_ONCE = 2_000;

/** Those of the keys that the delivery stream's consumer holds. */
export async function heldOf(
  db: Knex,
  delivery: DeliveryStream,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const set = keys.length > 0 ? await setOf(db, delivery, 'held') : undefined;
  if (!set) return found;
  for (const some of pieces(keys)) {
    const rows: string[] = await db('held_keys')
      .where({ held: set.id })
      .whereRaw(`key in (select value from ${list(db)})`, [JSON.stringify(some)])
      .pluck('key');
    for (const key of rows) found.add(key);
  }
  return found;
}

/** Belongs into the transaction that records the delivery. */
export async function changeHeld(
  trx: Knex.Transaction,
  delivery: DeliveryStream,
  { snapshot, brought, removed }: HeldChange,
): Promise<void> {
  if (snapshot?.first) await move(trx, delivery, 'open', { state: 'gone' });
  const state = snapshot ? 'open' : 'held';
  const set = (await setOf(trx, delivery, state)) ?? (await newSet(trx, delivery, state, snapshot?.id));
  for (const some of pieces(brought)) {
    await trx.raw(
      `insert into held_keys (held, key) select ?, value from ${list(trx)} where true on conflict do nothing`,
      [set.id, JSON.stringify(some)],
    );
  }
  for (const some of pieces(removed)) {
    await trx('held_keys')
      .where({ held: set.id })
      .whereRaw(`key in (select value from ${list(trx)})`, [JSON.stringify(some)])
      .delete();
  }
  if (!snapshot?.last) return;
  await move(trx, delivery, 'held', { state: 'gone' });
  await move(trx, delivery, 'open', { state: 'held', snapshot_id: null });
}

/** Delivery streams that are closed and still have keys. */
export async function endedHolders(db: Knex): Promise<readonly DeliveryKey[]> {
  return db('held_sets as h')
    .join('delivery_streams as s', (join) => {
      for (const column of ['agreement', 'grant_version', 'resource', 'agent', 'epoch'])
        join.on(`h.${column}`, `s.${column}`);
    })
    .where('s.state', 'closed')
    .whereNot('h.state', 'gone')
    .select('h.agreement', 'h.grant_version', 'h.resource', 'h.agent', 'h.epoch');
}

/** Delivery streams with keys whose next epoch was begun, with a copy of its own. */
export async function followedHolders(db: Knex): Promise<readonly DeliveryKey[]> {
  return db('held_sets as h')
    .join('delivery_streams as s', (join) => {
      for (const column of ['agreement', 'grant_version', 'resource', 'agent'])
        join.on(`h.${column}`, `s.${column}`);
      join.on('h.epoch', '<', 's.epoch');
    })
    .where('s.seq', '>', 0)
    .whereNot('h.state', 'gone')
    .distinct('h.agreement', 'h.grant_version', 'h.resource', 'h.agent', 'h.epoch');
}

/** Gives up what the consumer of a delivery stream held; `dropGone` takes it away. */
export async function forgetHeld(db: Knex, delivery: DeliveryKey): Promise<void> {
  await db('held_sets').where(keyOf(delivery)).whereNot({ state: 'gone' }).update({ state: 'gone' });
}

/** Takes away sets that are gone, some keys at a time so that nothing else waits long. */
export async function dropGone(db: Knex): Promise<void> {
  for (const id of (await db('held_sets').where({ state: 'gone' }).pluck('id')) as number[]) {
    for (;;) {
      const some = db('held_keys').where({ held: id }).limit(AT_ONCE).select('key');
      const dropped = await db('held_keys').where({ held: id }).whereIn('key', some).delete();
      if (dropped < AT_ONCE) break;
    }
    await db('held_sets').where({ id, state: 'gone' }).delete();
  }
}

async function setOf(db: Knex, delivery: DeliveryStream, state: HeldSet['state']) {
  const row: HeldSet | undefined = await db('held_sets')
    .where({ ...deliveryKey(delivery), state })
    .first();
  return row;
}

async function newSet(
  trx: Knex.Transaction,
  delivery: DeliveryStream,
  state: HeldSet['state'],
  snapshot: string | undefined,
): Promise<Pick<HeldSet, 'id'>> {
  const row = { ...deliveryKey(delivery), state, snapshot_id: snapshot ?? null };
  const [made] = await trx('held_sets').insert(row).returning('id');
  return made;
}

async function move(
  trx: Knex.Transaction,
  delivery: DeliveryStream,
  from: HeldSet['state'],
  to: Partial<Pick<HeldSet, 'state' | 'snapshot_id'>>,
): Promise<void> {
  await trx('held_sets')
    .where({ ...deliveryKey(delivery), state: from })
    .update(to);
}

/** A JSON list as rows of one column `value`: one parameter, however many keys. */
function list(db: Knex): string {
  return db.client.config.client === 'pg'
    ? 'jsonb_array_elements_text(?::jsonb) as l(value)'
    : 'json_each(?)';
}

function keyOf({ agreement, grant_version, resource, agent, epoch }: DeliveryKey): DeliveryKey {
  return { agreement, grant_version, resource, agent, epoch };
}

/** Neighbours in the index come together. */
function* pieces(keys: readonly string[]): Generator<readonly string[]> {
  const sorted = keys.toSorted();
  for (let at = 0; at < sorted.length; at += AT_ONCE) yield sorted.slice(at, at + AT_ONCE);
}
