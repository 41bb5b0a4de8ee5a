/** Wakes one who waits for any of several things; a ring that nobody waited for is heard by the next wait. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `ms`, or at once if it rang since the wait before. */
  wait(ms?: number): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      let timer: NodeJS.Timeout | undefined;
      if (!rung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (ms !== undefined) timer = setTimeout(resolve, ms);
        });
      }
      clearTimeout(timer);
      wake = undefined;
      rung = false;
    },
  };
}
