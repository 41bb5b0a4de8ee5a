import { type Changes, createChanges, systemClock } from '@qianzhi/engine';

/** "Something changed, look again", for one who looks now and then anyway. A ring that nobody rested for ends the next rest. */
export interface Bell {
  ring(): void;
  on: Changes['on'];
  /** Until it rings, the time is up or `over` fires. */
  rest(ms: number, over: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const changes = createChanges();
  let rung = false;
  changes.on(() => {
    rung = true;
  });
  return {
    ring: changes.notify,
    on: changes.on,
    async rest(ms, over) {
      if (!rung && !over.aborted) {
        const turn = new AbortController();
        const end = () => turn.abort();
        const forget = changes.on(end);
        over.addEventListener('abort', end, { once: true });
        await systemClock.wait(ms, turn.signal).catch(end); // it fails where the turn was ended, and only there
        over.removeEventListener('abort', end);
        forget();
      }
      rung = false;
    },
  };
}
