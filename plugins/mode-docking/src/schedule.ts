import type { Exchange } from '@qianzhi/model';
import { Cron } from 'croner';
import { dockingErrors } from './errors.js';

/**
 * Of the zone schedules are written in, Asia/Shanghai, whatever the machine is set to. It has no summer time; by its name
 * every process would load 8 MB of ICU's data.
 */
const UTC_OFFSET_MINUTES = 8 * 60;

/** Times of a schedule; seconds are the finest. */
export interface Schedule {
  /** The newest slot at or before `now`. */
  latest(now: Date): Date | undefined;
  /** The first slot after `now`. */
  next(now: Date): Date | undefined;
}

/** Undefined for an exchange that only runs by hand. Throws QZ_DOCKING_CRON_WRONG. */
export function scheduleOf(exchange: Exchange): Schedule | undefined {
  const cron = exchange.schedule?.cron;
  if (cron === undefined) return undefined;
  const slots = parse(exchange.name, cron);
  return {
    latest(now) {
      // the search looks strictly before its reference, and knows whole seconds only
      const reference = new Date(now.getTime() + 1000);
      return slots.previousRuns(2, reference).find((slot) => slot <= now);
    },
    next: (now) => slots.nextRun(now) ?? undefined,
  };
}

function parse(exchange: string, cron: string): Cron {
  try {
    return new Cron(cron, { utcOffset: UTC_OFFSET_MINUTES, paused: true, mode: '5-or-6-parts' });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw dockingErrors.CRON_WRONG({ exchange, cron, problem }, cause);
  }
}
