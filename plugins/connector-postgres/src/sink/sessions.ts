import { isQianzhiError } from '@qianzhi/model';
import { LEDGER } from '@qianzhi/sql-kit';
import { serverName } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';
import { postgresErrors } from '../errors.js';
import type { Writing } from './writing.js';

/** The sessions of a sink: opened when they are needed, again after they were lost or aborted. */
export interface Sessions {
  first(signal: AbortSignal): Promise<Session>;
  /**
   * Runs work on the first one, or `beside` other work on one that is free; where the server has no more to give, when the
   * first one is free.
   */
  use<T>(beside: boolean, work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

export function createSessions(writing: Writing): Sessions {
  const sessions: Session[] = [];
  /** By place in `sessions`: settles when the work on it has ended. */
  const busy = new Map<number, Promise<unknown>>();

  async function open(place: number, signal: AbortSignal): Promise<Session> {
    const held = sessions[place];
    if (held?.alive) return held;
    const opened = await openSession(writing.about, 'write', signal);
    sessions[place] = opened;
    await requireDurable(opened, writing, signal);
    return opened;
  }

  async function occupy<T>(place: number, work: () => Promise<T>): Promise<T> {
    const working = work();
    const ended = working.catch(() => undefined);
    busy.set(place, ended);
    try {
      return await working;
    } finally {
      if (busy.get(place) === ended) busy.delete(place);
    }
  }

  async function useBeside<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      let place = 0;
      while (busy.has(place)) place++;
      let begun = false;
      try {
        return await occupy(place, async () => {
          const session = await open(place, signal);
          begun = true;
          return work(session);
        });
      } catch (error) {
        if (begun || place === 0 || !isQianzhiError(error, 'QZ_POSTGRES_OVERLOADED')) throw error;
        await busy.get(0);
      }
    }
  }

  return {
    first: (signal) => open(0, signal),
    use: (beside, work, signal) =>
      beside ? useBeside(work, signal) : occupy(0, async () => work(await open(0, signal))),
    async close() {
      await Promise.all(sessions.map((each) => each.close()));
    },
  };
}

/** A committed batch must outlive a power loss. What the server itself does with fsync can only be told. */
async function requireDurable(session: Session, writing: Writing, signal: AbortSignal): Promise<void> {
  const { rows } = await session.query(
    `SELECT pg_catalog.set_config('synchronous_commit',
       CASE WHEN pg_catalog.current_setting('synchronous_commit') IN ('off', 'local') THEN 'on'
       ELSE pg_catalog.current_setting('synchronous_commit') END, false) AS durable,
       pg_catalog.current_setting('fsync') AS fsync, pg_catalog.current_setting('full_page_writes') AS pages`,
    [],
    signal,
  );
  const found = rows[0]!;
  const server = serverName(session.config);
  if (found['durable'] === 'off' || found['durable'] === 'local') {
    throw postgresErrors.NOT_DURABLE({ server });
  }
  if (found['fsync'] === 'off' || found['pages'] === 'off') {
    writing.context.log.warn(
      { server, fsync: found['fsync'], fullPageWrites: found['pages'], table: LEDGER },
      'the server may lose committed rows in a power loss',
    );
  }
}
