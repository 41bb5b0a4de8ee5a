import { setTimeout as pause } from 'node:timers/promises';
import type { ReadLimits } from '@qianzhi/plugin-api';
import type { LogPlace, LogStretch } from '@qianzhi/sql-kit';
import type { Reading } from '../source/reading.js';
import { endOfLog, type Followed, serverOf } from './followed.js';
import { type JoinedLane, oneDump } from './one-dump.js';
import { positionOf } from './position.js';
import { followedLog, type LogEnd, readLog, stretchesOf } from './read-log.js';
import { createTransactions } from './transactions.js';

/** A prepared transaction is looked for so often: the place stays before it. */
const PREPARED_MS = 500;

/**
 * With `follow`: up to the end of the log by a dump of its own, then by the one that all share; from its own place again where that
 * goes on without it, and once more when it is told to end.
 */
export async function* followLog(
  reading: Reading,
  followed: Followed,
  from: LogPlace,
  limits: ReadLimits,
  signal: AbortSignal,
): AsyncGenerator<LogStretch> {
  const { follow } = limits;
  let place = from;
  while (follow && !follow.aborted) {
    const dump = oneDump(reading);
    // what it gathers meanwhile begins before the end that is read up to
    const lane = await dump.join(
      reading,
      followed,
      (during) => reading.sessions.use(during, (session) => endOfLog(reading, session, during)),
      signal,
    );
    try {
      const done = await dump.turnToCatchUp(signal);
      let end: LogEnd | undefined;
      try {
        end = yield* untilCopy(readLog(reading, followed, place, limits, signal));
      } finally {
        done();
      }
      if (!end) return;
      ({ place } = end);
      const next = end.waits
        ? undefined
        : yield* readLane(reading, followed, lane, place, limits, follow, signal);
      if (!end.waits && !next) return;
      place = next ?? place;
      if (end.waits) await pause(PREPARED_MS);
    } finally {
      await lane.close();
    }
  }
  yield* readLog(reading, followed, place, limits, signal);
}

/** Answers the end, or undefined where nothing but a copy follows. */
async function* untilCopy(
  stretches: AsyncGenerator<LogStretch, LogEnd>,
): AsyncGenerator<LogStretch, LogEnd | undefined> {
  try {
    for (;;) {
      const step = await stretches.next();
      if (step.done) return step.value;
      yield step.value;
      if (step.value.copyBecause !== undefined) return undefined;
    }
  } finally {
    await stretches.return(undefined as never);
  }
}

/** Answers how far it came; undefined where nothing but a copy follows. */
async function* readLane(
  reading: Reading,
  followed: Followed,
  lane: JoinedLane,
  place: LogPlace,
  limits: ReadLimits,
  follow: AbortSignal,
  signal: AbortSignal,
): AsyncGenerator<LogStretch, LogPlace | undefined> {
  const { family, server } = await reading.sessions.use(signal, async (session) => ({
    family: session.flavour.family,
    server: await serverOf(session, signal),
  }));
  const at = positionOf(place);
  // of another server the place says nothing of this one's files
  if (at.server === server && at.file !== '') lane.skipTo(at);
  const transactions = createTransactions(place, family, server, false);
  const log = {
    ...followedLog(reading, followed, transactions, limits, (during) => lane.next(during, follow)),
    transactions,
    staysOpen: () => true,
  };
  for await (const stretch of stretchesOf(reading, log, limits, signal)) {
    yield stretch;
    if (stretch.copyBecause !== undefined) return undefined;
  }
  return transactions.place;
}
