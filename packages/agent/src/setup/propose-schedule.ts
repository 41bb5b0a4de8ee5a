import { createHash } from 'node:crypto';
import type { CatalogResource, LocalText } from '@qianzhi/model';

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
    time: 'M 2 1 * *',
    zh: '每季度更新:每月 1 日检查',
    en: 'updated quarterly: looked at on the 1st of a month',
  },
  'half-yearly': {
    time: 'M 2 1 * *',
    zh: '每半年更新:每月 1 日检查',
    en: 'updated half-yearly: looked at on the 1st of a month',
  },
  yearly: {
    time: 'M 2 1 * *',
    zh: '每年更新:每月 1 日检查',
    en: 'updated yearly: looked at on the 1st of a month',
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
