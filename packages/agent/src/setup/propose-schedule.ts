import { createHash } from 'node:crypto';
import {
  type Assignments,
  type CatalogResource,
  type Exchange,
  isSupply,
  type LocalText,
} from '@qianzhi/model';
import { orderedResource } from '../link/ordered-resource.js';

export interface ScheduleProposal {
  readonly cron: string;
  readonly reason: LocalText;
}

type Cycle = CatalogResource['updateCycle'];

const cycles: Readonly<Record<Cycle, { readonly time: string; readonly zh: string; readonly en: string }>> = {
  realtime: { time: '* * * * *', zh: '实时更新:每分钟', en: 'updated all the time: every minute' },
  daily: { time: 'M 2 * * *', zh: '每日更新:每天凌晨', en: 'updated daily: every night' },
  weekly: { time: 'M 2 * * 1', zh: '每周更新:每周一凌晨', en: 'updated weekly: Monday nights' },
  monthly: { time: 'M 2 1 * *', zh: '每月更新:每月 1 日凌晨', en: 'updated monthly: the night of the 1st' },
  quarterly: {
    time: 'M 2 1,6 * *',
    zh: '每季度更新:每月 1 日、6 日检查,变化在次季首月 10 日前送达',
    en: 'updated quarterly: looked at on the 1st and 6th of a month, so that a change is there by the 10th after its quarter',
  },
  'half-yearly': {
    time: 'M 2 1,6 * *',
    zh: '每半年更新:每月 1 日、6 日检查,变化在次季首月 10 日前送达',
    en: 'updated half-yearly: looked at on the 1st and 6th of a month, so that a change is there by the 10th after its quarter',
  },
  yearly: {
    time: 'M 2 1,6 * *',
    zh: '每年更新:每月 1 日、6 日检查,变化在次季首月 10 日前送达',
    en: 'updated yearly: looked at on the 1st and 6th of a month, so that a change is there by the 10th after its quarter',
  },
  irregular: {
    time: 'M 2 * * *',
    zh: '不定期更新:每天凌晨检查',
    en: 'updated irregularly: looked at every night',
  },
};

/** When to read a source, by how often the catalog says it changes. The minute depends on the name, so that not all begin at once. */
export function proposeSupplySchedule(cycle: Cycle, exchange: string): ScheduleProposal {
  const { time, ...reason } = cycles[cycle];
  const minute = createHash('sha256').update(exchange).digest().readUInt16BE(0) % 60;
  return { cron: time.replace('M', String(minute)), reason };
}

/** When an exchange runs, and whether its config or the update cycle of its resource says so. */
export interface ExchangeSchedule {
  readonly cron: string;
  readonly from: 'config' | 'cycle';
}

/**
 * The config's word, else for what is supplied the one that `proposeSupplySchedule` has. Undefined for an exchange that runs by hand
 * only: one whose `schedule` names no cron, one that consumes without a schedule, one whose resource is not ordered yet.
 */
export function scheduleOf(
  exchange: Exchange,
  assignments: Assignments | undefined,
): ExchangeSchedule | undefined {
  const { schedule, name } = exchange;
  if (schedule) return schedule.cron === undefined ? undefined : { cron: schedule.cron, from: 'config' };
  if (!isSupply(exchange)) return undefined;
  const resource = assignments && orderedResource(exchange, assignments);
  return resource && { cron: proposeSupplySchedule(resource.updateCycle, name).cron, from: 'cycle' };
}

/** The engine ends a run whose exchange is another object: one stays the same as long as its config and its cycle do. */
const scheduled = new WeakMap<Exchange, Exchange>();

/** Exchanges as they are run: with the schedule that follows from the catalog where the config has none. */
export function withSchedules(
  exchanges: readonly Exchange[],
  assignments: Assignments | undefined,
): readonly Exchange[] {
  return exchanges.map((exchange) => {
    const schedule = exchange.schedule ? undefined : scheduleOf(exchange, assignments);
    if (!schedule) return exchange;
    const known = scheduled.get(exchange);
    if (known?.schedule?.cron === schedule.cron) return known;
    const made: Exchange = { ...exchange, schedule: { cron: schedule.cron, missed: 'run-once' } };
    scheduled.set(exchange, made);
    return made;
  });
}

/** Asking for what waits costs next to nothing, so it is done more often than a provider can have something. */
export function proposeConsumeSchedule(cycle: Cycle): ScheduleProposal {
  return cycle === 'realtime'
    ? {
        cron: '* * * * *',
        reason: { zh: '实时更新:每分钟取用', en: 'updated all the time: fetched every minute' },
      }
    : {
        cron: '*/10 * * * *',
        reason: { zh: '每 10 分钟取用已到的批次', en: 'what has arrived is fetched every 10 minutes' },
      };
}
