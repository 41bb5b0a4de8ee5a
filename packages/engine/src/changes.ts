/** Lets many wait for "something changed, look again", without polling. */
export interface Changes {
  notify(): void;
  /** Resolves at the next `notify`; rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<void>;
}

export function createChanges(): Changes {
  let waiters = new Set<() => void>();
  return {
    notify() {
      const woken = waiters;
      waiters = new Set();
      for (const wake of woken) wake();
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
