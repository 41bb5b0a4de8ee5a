/** How long the platform is asked to hold a renewal of the lease back: as long as the way to it lets a quiet request live. */
export interface Hold {
  /** For the next one, a third of the lease at most; 0: the way does not let it wait, it is asked for when it is due. */
  waitMs(leaseMs: number): number;
  /** One that was to be held for `waitMs` was cut on the way. */
  cut(waitMs: number): void;
  /** The platform itself answered one before its time, with nothing new: it stops, and says nothing of the way. Unless it goes on so. */
  early(waitMs: number): void;
  /** The line is back, and may be another one. */
  reset(): void;
}

/** Gateways cut quiet connections after 30 to 60 s. */
const LONGEST_MS = 25_000;
/** With less a cut would come more often than a renewal without. */
const SHORTEST_MS = 1_500;
/** A way that cut requests is tried again with the longest then. */
const AGAIN_MS = 10 * 60_000;
/** A platform that is restarted answers before its time once in so long. */
const EARLY_AGAIN_MS = 60_000;

/** `clock` in ms. */
export function createHold(clock: () => number = () => performance.now()): Hold {
  let longest = LONGEST_MS;
  let again = Number.POSITIVE_INFINITY;
  let lastEarly = Number.NEGATIVE_INFINITY;

  function reset(): void {
    longest = LONGEST_MS;
    again = Number.POSITIVE_INFINITY;
  }

  function cut(waitMs: number): void {
    longest = Math.min(longest, waitMs) / 2;
    again = clock() + AGAIN_MS;
  }

  return {
    waitMs(leaseMs) {
      if (clock() >= again) reset();
      const most = Math.min(longest, leaseMs / 3);
      // never all agents at once, though all began when the platform did
      return most < SHORTEST_MS ? 0 : Math.round(most * (0.8 + Math.random() * 0.2));
    },
    cut,
    early(waitMs) {
      if (clock() - lastEarly < EARLY_AGAIN_MS) cut(waitMs);
      lastEarly = clock();
    },
    reset,
  };
}

/** Before a request that was cut, or that a platform that stops gave back, is made again, by plain renewal: not by all agents in one moment. */
export function pauseAfterCut(): number {
  return 200 + Math.random() * 800;
}
