import { DownloadTargetSchema, type Exchange, isSupply } from '@qianzhi/model';
import type { ExchangeMode, ModePorts, PlannedJob, PlanState, RunningJob } from '@qianzhi/plugin-api';
import { Type } from '@sinclair/typebox';
import { batchDownloadErrors } from './errors.js';
import { slotsOf } from './slots.js';

/** A slot planned this late was missed: the agent was down. */
const LATE_MS = 60_000;

/** 部门批量下载 (R034): files fetched into a folder, by a schedule or by hand. */
export const batchDownload: ExchangeMode = {
  kind: 'mode',
  configSchema: Type.Object({}, { additionalProperties: false }),
  targetSchema: DownloadTargetSchema,
  plan,
  nextDue: (exchange, _state, now) => slotsOf(exchange)?.nextRun(now) ?? undefined,
  run,
};

/** The newest slot that nothing was planned for; slots before it are not made up: a newer file says all of an older one. */
function plan(exchange: Exchange, { since, lastPlanned }: PlanState, now: Date): readonly PlannedJob[] {
  // the search looks strictly before its reference, in whole seconds
  const reference = new Date(now.getTime() + 1000);
  const dueAt = slotsOf(exchange)
    ?.previousRuns(2, reference)
    .find((slot) => slot <= now);
  if (!dueAt || dueAt <= (lastPlanned ?? since)) return [];
  const late = now.getTime() - dueAt.getTime() > LATE_MS;
  if (late && exchange.schedule?.missed === 'skip') return [];
  const cause = late ? 'missed' : 'schedule';
  return [{ id: `${exchange.name}@${dueAt.toISOString()}`, exchange: exchange.name, dueAt, cause }];
}

async function run(_job: RunningJob, { exchange, download }: ModePorts, signal: AbortSignal) {
  if (isSupply(exchange)) throw batchDownloadErrors.SUPPLIES({ exchange: exchange.name });
  return download(exchange, signal);
}
