import { setTimeout as pause } from 'node:timers/promises';
import type { Alongside } from '@qianzhi/plugin-api';
import type { PostgresConfig, PostgresSource } from '../config.js';
import { type Doing, throwIfAborted } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { literal, quoted } from '../identifier.js';
import { sharedSlotName } from './followed.js';
import { dropSlot } from './slot.js';

const LOOK_MS = 250;

/** Drops the slots, and the publications of their names, that the former exchanges had and none of `now` uses. */
export async function endLog(
  config: PostgresConfig,
  former: Alongside,
  now: Alongside,
  signal: AbortSignal,
): Promise<void> {
  const used = slotsOf(config, now);
  const left = [...slotsOf(config, former)].filter((slot) => !used.has(slot));
  if (left.length === 0) return;
  const about: Doing = { doing: 'end the log', config };
  const session = await openSession(about, config.readOnly ? 'read' : 'write', signal);
  try {
    for (const slot of left) {
      // the run of an exchange that was taken out ends by itself, behind what it has begun
      while (await isActive(session, slot, signal)) {
        await pause(LOOK_MS);
        throwIfAborted(about.doing, signal);
      }
      await dropSlot(session, slot, signal);
      if (!config.readOnly) await dropPublication(session, slot, signal);
    }
  } finally {
    await session.close();
  }
}

function slotsOf(config: PostgresConfig, { name, others }: Alongside): ReadonlySet<string> {
  return new Set(
    others().map(({ source }) => {
      const { log } = source as PostgresSource;
      return log?.slot ?? sharedSlotName(config, name, log?.publication);
    }),
  );
}

async function isActive(session: Session, slot: string, signal: AbortSignal): Promise<boolean> {
  const sql = `SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = ${literal(slot)} AND active`;
  return (await session.query(sql, [], signal)).count > 0;
}

/** One that somebody else made stays. */
async function dropPublication(session: Session, name: string, signal: AbortSignal): Promise<void> {
  const { count } = await session.query(
    `SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ${literal(name)} AND pg_catalog.pg_has_role(pubowner, 'USAGE')`,
    [],
    signal,
  );
  if (count > 0) await session.query(`DROP PUBLICATION ${quoted(name)}`, [], signal);
}
