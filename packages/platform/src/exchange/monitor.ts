/** What the holder of a monitor may do while it holds it. */
export interface Held {
  /**
   * Lets others in until one of them has left the monitor or `deadline` (ms since 1970) has passed, then
   * holds it again. Answers false when the time is up.
   */
  wait(deadline: number): Promise<boolean>;
}

/** Mutual exclusion by name, with a condition to wait for. */
export interface Monitors {
  within<T>(name: string, work: (held: Held) => Promise<T>): Promise<T>;
  /** Enters where nobody is inside or waits to be; answers what to call to leave. */
  enterFree(name: string): (() => void) | undefined;
}

interface Monitor {
  /** Inside, about to enter or waiting; the monitor is forgotten when nobody is left. */
  users: number;
  busy: boolean;
  readonly entering: (() => void)[];
  readonly waiting: Set<() => void>;
}

export function createMonitors(): Monitors {
  const monitors = new Map<string, Monitor>();

  function monitorOf(name: string): Monitor {
    let monitor = monitors.get(name);
    if (!monitor) {
      monitor = { users: 0, busy: false, entering: [], waiting: new Set() };
      monitors.set(name, monitor);
    }
    return monitor;
  }

  async function enter(monitor: Monitor): Promise<void> {
    if (monitor.busy) await new Promise<void>((enterNow) => monitor.entering.push(enterNow));
    else monitor.busy = true;
  }

  function handOver(monitor: Monitor): void {
    const next = monitor.entering.shift();
    if (next) next();
    else monitor.busy = false;
  }

  /** Holds the monitor again after it was let go until woken or timed out. */
  async function wait(monitor: Monitor, deadline: number): Promise<boolean> {
    const left = deadline - Date.now();
    if (left <= 0) return false;
    const woken = new Promise<void>((resolve) => {
      const timer = setTimeout(done, left);
      function done(): void {
        clearTimeout(timer);
        monitor.waiting.delete(done);
        resolve();
      }
      monitor.waiting.add(done);
    });
    handOver(monitor);
    await woken;
    await enter(monitor);
    return true;
  }

  function leave(name: string, monitor: Monitor): void {
    for (const wake of monitor.waiting) wake();
    handOver(monitor);
    if (--monitor.users === 0) monitors.delete(name);
  }

  return {
    async within(name, work) {
      const monitor = monitorOf(name);
      monitor.users++;
      await enter(monitor);
      try {
        return await work({ wait: (deadline) => wait(monitor, deadline) });
      } finally {
        leave(name, monitor);
      }
    },
    enterFree(name) {
      if (monitors.has(name)) return undefined;
      const monitor = monitorOf(name);
      monitor.users++;
      monitor.busy = true;
      return () => leave(name, monitor);
    },
  };
}
