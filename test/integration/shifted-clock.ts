import { setTimeout } from 'node:timers/promises';
import type { EngineOptions } from '@qianzhi/engine';

export interface ShiftedClock extends NonNullable<EngineOptions['clock']> {
  /** How far this clock is ahead of the real one. */
  aheadMs: number;
}

export function createShiftedClock(): ShiftedClock {
  const clock: ShiftedClock = {
    aheadMs: 0,
    now: () => new Date(Date.now() + clock.aheadMs),
    wait: (ms, signal) => setTimeout(Math.min(ms, 2 ** 31 - 1), undefined, { signal }),
  };
  return clock;
}
