/** What a pool has to know of a session. */
export interface PooledSession {
  readonly alive: boolean;
  close(): Promise<void>;
}

/** The read-only sessions of one source: a lost or aborted one is replaced when the next is wanted. */
export interface SessionPool<Session extends PooledSession> {
  take(signal: AbortSignal): Promise<Session>;
  /** Keeps a session that is still good; closes any other. */
  give(session: Session): Promise<void>;
  /** Runs work on a session of its own. */
  use<T>(signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createSessionPool<Session extends PooledSession>(
  first: Session,
  open: (signal: AbortSignal) => Promise<Session>,
): SessionPool<Session> {
  const idle: Session[] = [first];
  let closed = false;
  const pool: SessionPool<Session> = {
    async take(signal) {
      for (let session = idle.pop(); session; session = idle.pop()) {
        if (session.alive) return session;
        await session.close();
      }
      return open(signal);
    },
    async give(session) {
      // one is enough to be quick; more would only count against the server's limit
      if (session.alive && !closed && idle.length === 0) idle.push(session);
      else await session.close();
    },
    async use(signal, work) {
      const session = await pool.take(signal);
      try {
        return await work(session);
      } finally {
        await pool.give(session);
      }
    },
    async close() {
      closed = true;
      await Promise.all(idle.splice(0).map((session) => session.close()));
    },
  };
  return pool;
}
