import { fdatasync, fdatasyncSync } from 'node:fs';
import { promisify } from 'node:util';

/** Resolves when what was written to the file survives loss of power (`fdatasync`). */
export type DataSync = (fd: number) => Promise<void>;

export interface DataSyncParts {
  /** On the thread that calls. */
  readonly here: (fd: number) => void;
  /** On another one. */
  readonly elsewhere: DataSync;
  readonly now: () => number;
}

/** About what the way to another thread and back takes, twice. */
const QUICK_MS = 1;
/** One that took longer counts as this: a disk that was held up once is not slow. */
const SLOW_MS = 4;
/** Of the newest in the average. */
const WEIGHT = 0.1;
/** So many go elsewhere before one is tried here again, which by then says nothing of those before it. */
const PAUSE = 200;
const LONGEST_PAUSE = 20_000;

const real: DataSyncParts = {
  here: fdatasyncSync,
  elsewhere: promisify(fdatasync),
  now: () => performance.now(),
};

/**
 * Syncs for one disk. Where that answers sooner than another thread would, it is asked on this one: the way there and back is then most
 * of what a small commit takes. A slow one is asked elsewhere, and here only now and then, to see whether it still is.
 */
export function createDataSync({ here, elsewhere, now }: DataSyncParts = real): DataSync {
  let averageMs = 0;
  let left = 0;
  let pause = PAUSE;
  return async (fd) => {
    if (left > 0) {
      left--;
      return elsewhere(fd);
    }
    const began = now();
    here(fd);
    averageMs += WEIGHT * (Math.min(now() - began, SLOW_MS) - averageMs);
    if (averageMs <= QUICK_MS) {
      pause = PAUSE;
      return;
    }
    left = pause;
    pause = Math.min(pause * 2, LONGEST_PAUSE);
    // one quick one is believed, one slow one sends the next elsewhere again
    averageMs = QUICK_MS;
  };
}
