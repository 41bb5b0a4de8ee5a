import type { LogPlace } from '@qianzhi/sql-kit';
import { openSession, type Session } from '../connection/session.js';
import { ownName, quoted } from '../identifier.js';
import { identityOf, ownSlotName } from './followed.js';
import { positionOf } from './position.js';
import { publish } from './publication.js';
import type { Following } from './reader.js';
import { createSlot, dropSlot, slotState } from './slot.js';

let passed = 0;

/**
 * Where all before is seen by now, and all behind is in the log. Where others use the slot the place is taken by a temporary one, which
 * waits as a new one does for whoever writes at that moment: also for who began before the table was published.
 */
export async function beginLog(following: Following, signal: AbortSignal): Promise<LogPlace> {
  const { reading, followed, slot } = following;
  const { resource } = reading;
  const { maxLagBytes } = followed;
  await slot.alone(signal, () => publishTable(following, signal));
  return reading.sessions.use(signal, async (session) => {
    const made = await slot.alone(signal, () => makeSlot(following, session, signal));
    let position = made;
    if (!position) {
      const passing = {
        name: ownName('begin', followed.slot, String(process.pid), String(passed++)),
        passing: true,
      };
      position = await createSlot(reading, passing, session, signal);
    }
    slot.holders.claim({ resource, position: positionOf(position), maxLagBytes });
    return { phase: 'log', position, of: await identityOf(reading, followed, session, signal) };
  });
}

/** Answers the first position of a slot that was not there; undefined where there is one of use. */
async function makeSlot(
  { reading, followed, slot }: Following,
  session: Session,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = followed.slot;
  const { end, slot: found } = await slotState(session, name, signal);
  if (found && found.status !== 'lost') {
    const { resource } = reading;
    // held from before its place is known: others move the slot meanwhile
    slot.holders.claim({ resource, position: end, maxLagBytes: followed.maxLagBytes });
    return undefined;
  }
  await slot.stop();
  await dropSlot(session, name, signal);
  slot.holders.anew();
  slot.failures.clear();
  return await createSlot(reading, { name, passing: false }, session, signal);
}

/** What an exchange had of its own before they shared a slot goes. */
async function publishTable({ reading, followed }: Following, signal: AbortSignal): Promise<void> {
  const former = ownSlotName(reading);
  if (former !== followed.slot)
    await reading.sessions.use(signal, (session) => dropSlot(session, former, signal));
  if (!followed.mayPublish) return;
  const write = await openSession(reading.about, 'write', signal);
  try {
    await publish(reading, followed, write, signal);
    if (former !== followed.publication)
      await write.query(`DROP PUBLICATION IF EXISTS ${quoted(former)}`, [], signal);
  } finally {
    await write.close();
  }
}
