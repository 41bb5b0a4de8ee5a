import type { Session } from '../connection/session.js';
import type { Reading } from '../source/reading.js';
import type { Followed } from './followed.js';
import type { Holder } from './holders.js';
import { positionText } from './position.js';
import { dropSlot, releaseSlot, type SlotState } from './slot.js';
import type { SharedSlot } from './slot-readers.js';

/** `out`: this resource is too far behind to be waited for. `drop`: the slot is of use to nobody, or harms the server. */
export type Verdict = 'fine' | 'out' | 'drop';

/** The server notes what is open about four times a minute, and frees no log before the next note. */
const SETTLES_MS = 60_000;
/** Since when a slot keeps too much although everybody is near. */
const heldSince = new WeakMap<SharedSlot, number>();

/**
 * Keeps the server from keeping too much. Whoever is further behind than its own limit no longer holds the slot: it is copied again
 * when it comes back, and the others go on. The slot is dropped where that leaves nobody, where the server is about to give it up,
 * or where an open transaction makes it keep twice as much although everybody is near.
 */
export async function guard(
  slot: SharedSlot,
  reading: Reading,
  followed: Followed,
  { end, slot: state }: SlotState,
  session: Session,
  signal: AbortSignal,
): Promise<Verdict> {
  const { maxLagBytes } = followed;
  if (!state || state.status === 'lost') return 'drop';
  if (state.status === 'unreserved') return 'drop';
  if (state.keptBytes <= 2n * maxLagBytes) heldSince.delete(slot);
  if (state.keptBytes <= maxLagBytes) return 'fine';
  const holders = slot.holders.all(followed.slot, reading.alongside, state.released);
  const isOut = (holder: Holder) => end - holder.position > holder.maxLagBytes;
  const near = holders.filter((holder) => !isOut(holder));
  if (near.length === 0) return 'drop';
  const out = holders.filter(isOut);
  if (out.length === 0) {
    const now = performance.now();
    const since = heldSince.get(slot) ?? now;
    if (state.keptBytes > 2n * maxLagBytes) heldSince.set(slot, since);
    return now - since > SETTLES_MS ? 'drop' : 'fine';
  }
  const keep = near.map(({ position }) => position).reduce((least, each) => (each < least ? each : least));
  for (const { resource, position } of out) {
    slot.holders.dropOut(resource);
    const facts = { resource, slot: followed.slot, behindBytes: Number(end - position) };
    reading.context.log.error(
      facts,
      'the server kept too much log for this resource: it is not waited for, a full copy will follow',
    );
  }
  if (!slot.release(keep)) await releaseSlot(session, followed.slot, positionText(keep), signal);
  return out.some(({ resource }) => resource === reading.resource) ? 'out' : 'fine';
}

/** Ends the reads of all that share it. */
export async function giveUp(
  slot: SharedSlot,
  reading: Reading,
  followed: Followed,
  { because, keptBytes }: { readonly because: string; readonly keptBytes: bigint },
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  await slot.alone(signal, async () => {
    await slot.stop();
    await dropSlot(session, followed.slot, signal);
  });
  reading.context.log.error(
    { table: reading.table.name, slot: followed.slot, keptBytes: Number(keptBytes) },
    `${because}: it was dropped`,
  );
}
