/** Wakes long polls of a resource. A ticket taken before looking makes sure that nothing is missed in between. */
export interface Wakes {
  ticket(resource: string): number;
  wake(resource: string): void;
  /** Resolves when the resource was woken since the ticket, after `ms`, or with the signal. */
  changed(resource: string, ticket: number, ms: number, signal: AbortSignal): Promise<void>;
}

export function createWakes(): Wakes {
  const versions = new Map<string, number>();
  const waiting = new Map<string, Set<() => void>>();
  return {
    ticket: (resource) => versions.get(resource) ?? 0,
    wake(resource) {
      versions.set(resource, (versions.get(resource) ?? 0) + 1);
      for (const done of waiting.get(resource) ?? []) done();
    },
    changed(resource, ticket, ms, signal) {
      if (signal.aborted || ms <= 0 || (versions.get(resource) ?? 0) !== ticket) return Promise.resolve();
      const set = waiting.get(resource) ?? new Set();
      waiting.set(resource, set);
      return new Promise((resolve) => {
        const timer = setTimeout(done, ms);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          set.delete(done);
          if (set.size === 0 && waiting.get(resource) === set) waiting.delete(resource);
          resolve();
        }
        signal.addEventListener('abort', done, { once: true });
        set.add(done);
      });
    },
  };
}
