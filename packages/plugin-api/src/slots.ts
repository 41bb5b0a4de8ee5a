import type { Exchange, QianzhiError } from '@qianzhi/model';
import { Cron } from 'croner';
import type { PlannedJob, PlanState } from './mode.js';

/**
 * Of the zone schedules are written in, Asia/Shanghai, whatever the machine is set to. It has no summer time; by its name
 * every process would load 8 MB of ICU's data.
 */
const UTC_OFFSET_MINUTES = 8 * 60;

/** A slot planned this late counts as missed: the agent was down, not merely busy. */
const LATE_MS = 60_000;

/** Makes the mode's own error of a schedule that is no cron expression. */
export type CronWrong = (
  details: { readonly exchange: string; readonly cron: string; readonly problem: string },
  cause: unknown,
) => QianzhiError;

/**
 * The newest slot since the last planned one, if any: slots that passed meanwhile are made up by it once, or left out,
 * as the exchange's missed-run policy says. The id is made of exchange and slot, so a slot is one job for ever. None
 * for an exchange that only runs by hand.
 */
export function planSlot(
  exchange: Exchange,
  { since, lastPlanned }: PlanState,
  now: Date,
  wrong: CronWrong,
): readonly PlannedJob[] {
  // the search looks strictly before its reference, and knows whole seconds only
  const reference = new Date(now.getTime() + 1000);
  const dueAt = slotsOf(exchange, wrong)
    ?.previousRuns(2, reference)
    .find((slot) => slot <= now);
  if (!dueAt || dueAt <= since || (lastPlanned && dueAt <= lastPlanned)) return [];
  const missed = now.getTime() - dueAt.getTime() > LATE_MS;
  if (missed && exchange.schedule?.missed === 'skip') return [];
  const { name } = exchange;
  return [
    { id: `${name}@${dueAt.toISOString()}`, exchange: name, dueAt, cause: missed ? 'missed' : 'schedule' },
  ];
}

/** The first slot after `now`; undefined for an exchange that only runs by hand. */
export function nextSlot(exchange: Exchange, now: Date, wrong: CronWrong): Date | undefined {
  return slotsOf(exchange, wrong)?.nextRun(now) ?? undefined;
}

function slotsOf({ name: exchange, schedule }: Exchange, wrong: CronWrong): Cron | undefined {
  const cron = schedule?.cron;
  if (cron === undefined) return undefined;
  try {
    return new Cron(cron, { utcOffset: UTC_OFFSET_MINUTES, paused: true, mode: '5-or-6-parts' });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw wrong({ exchange, cron, problem }, cause);
  }
}
