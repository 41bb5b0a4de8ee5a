import type { Doing } from '../connection/classify.js';
import { openSession, type Session } from '../connection/session.js';

/** The read-only sessions of one source: a lost or aborted one is replaced when the next is wanted. */
export interface SessionPool {
  take(signal: AbortSignal): Promise<Session>;
  /** Keeps a session that is still good; closes any other. */
  give(session: Session): Promise<void>;
  close(): Promise<void>;
}

export function createSessionPool(about: Doing, first: Session): SessionPool {
  const idle: Session[] = [first];
  let closed = false;
  return {
    async take(signal) {
      for (let session = idle.pop(); session; session = idle.pop()) {
        if (session.alive) return session;
        await session.close();
      }
      return openSession(about, 'read', signal);
    },
    async give(session) {
      // one is enough to be quick; more would only count against the server's limit
      if (session.alive && !closed && idle.length === 0) idle.push(session);
      else await session.close();
    },
    async close() {
      closed = true;
      await Promise.all(idle.splice(0).map((session) => session.close()));
    },
  };
}
