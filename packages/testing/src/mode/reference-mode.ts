import { type Exchange, isSupply } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { ExchangeMode, PlannedJob, PlanState } from '@qianzhi/plugin-api';
import type { ModeHarness } from './harness.js';

const dayMs = 24 * 60 * 60_000;
const shanghaiMs = 8 * 60 * 60_000;
/** A slot this late is a missed one. */
const graceMs = 60_000;

/** The plainest mode that keeps the contract: daily schedules (`minute hour * * *`) in Asia/Shanghai. */
export const referenceMode: ExchangeMode = {
  kind: 'mode',
  configSchema: Type.Object({}, { additionalProperties: false }),
  plan: planDaily,
  run(_job, { exchange, supply, consume }, signal) {
    return isSupply(exchange) ? supply(exchange, {}, signal) : consume(exchange, { waitMs: 0 }, signal);
  },
};

function planDaily(exchange: Exchange, { since, lastPlanned }: PlanState, now: Date): readonly PlannedJob[] {
  const { cron, missed = 'run-once' } = exchange.schedule ?? {};
  if (cron === undefined) return [];
  const [minute, hour] = cron.split(' ').map(Number);
  const ofDayMs = (hour! * 60 + minute!) * 60_000 - shanghaiMs;
  const newest = Math.floor((now.getTime() - ofDayMs) / dayMs) * dayMs + ofDayMs;
  if (newest <= (lastPlanned ?? since).getTime()) return [];
  const late = now.getTime() - newest > graceMs;
  if (late && missed === 'skip') return [];
  const dueAt = new Date(newest);
  return [
    {
      id: `${exchange.name}@${dueAt.toISOString()}`,
      exchange: exchange.name,
      dueAt,
      cause: late ? 'missed' : 'schedule',
    },
  ];
}

export function referenceModeHarness(mode: ExchangeMode = referenceMode): ModeHarness {
  return {
    name: 'reference',
    mode,
    exchange({ name, side, schedule }) {
      const shared = {
        name,
        mode: 'reference',
        connector: 'any',
        rejectLimit: 0,
        ...(schedule ? { schedule: { ...schedule } } : {}),
      };
      return side === 'supply'
        ? { ...shared, supply: 'contract', strategy: 'snapshot', source: {} }
        : { ...shared, consume: 'contract', target: {} };
    },
  };
}
