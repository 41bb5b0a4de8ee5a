/** Lets many wait for "something changed, look again", without polling. */
export interface Changes {
  notify(): void;
  /** Resolves at the next `notify`; rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<void>;
  /** Calls `listener` at each `notify` until the answered function is called. */
  on(listener: () => void): () => void;
}

export function createChanges(): Changes {
  let waiters = new Set<() => void>();
  const listeners = new Set<() => void>();
  return {
    notify() {
      const woken = waiters;
      waiters = new Set();
      for (const wake of woken) wake();
      for (const listener of listeners) listener();
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    next: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const onAbort = () => {
          waiters.delete(wake);
          reject(signal.reason);
        };
        const wake = () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        waiters.add(wake);
        signal.addEventListener('abort', onAbort, { once: true });
      }),
  };
}
