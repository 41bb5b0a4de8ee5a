import { type Exchange, isSupply } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { ExchangeMode, ModePorts, PlannedJob, PlanState, RunningJob } from '@qianzhi/plugin-api';
import { docking } from './docking.js';

/** `modeOptions` of an exchange in this mode. */
export const SharingOptionsSchema = Type.Object(
  {
    everySeconds: Type.Optional(
      Type.Integer({
        minimum: 5,
        maximum: 86_400,
        description:
          '每隔多少秒看一次文件夹或平台,代替 schedule / look every so many seconds, in place of `schedule`',
      }),
    ),
  },
  { additionalProperties: false },
);
type SharingOptions = Static<typeof SharingOptionsSchema>;

/**
 * 前置机共享 (R034): folders and SFTP servers as ends. A folder tells nobody that a file came, so it is looked at every so often, or
 * by a schedule as in 系统对接.
 */
export const sharing: ExchangeMode = {
  kind: 'mode',
  configSchema: SharingOptionsSchema,
  plan(exchange, state, now) {
    const everyMs = everyMsOf(exchange);
    return everyMs === undefined
      ? docking.plan(exchange, state, now)
      : planLook(exchange, everyMs, state, now);
  },
  nextDue(exchange, state, now) {
    const everyMs = everyMsOf(exchange);
    if (everyMs === undefined) return docking.nextDue?.(exchange, state, now);
    return new Date((Math.floor(now.getTime() / everyMs) + 1) * everyMs);
  },
  run,
};

/** One look, however many were missed: the next one finds all that came meanwhile. */
function planLook(
  { name }: Exchange,
  everyMs: number,
  { since, lastPlanned }: PlanState,
  now: Date,
): readonly PlannedJob[] {
  const slot = new Date(Math.floor(now.getTime() / everyMs) * everyMs);
  if (slot <= since || (lastPlanned && slot <= lastPlanned)) return [];
  return [{ id: `${name}@${slot.toISOString()}`, exchange: name, dueAt: slot, cause: 'schedule' }];
}

function everyMsOf({ modeOptions }: Exchange): number | undefined {
  const { everySeconds } = (modeOptions ?? {}) as SharingOptions;
  return everySeconds === undefined ? undefined : everySeconds * 1000;
}

async function run(_job: RunningJob, ports: ModePorts, signal: AbortSignal) {
  const { exchange } = ports;
  return isSupply(exchange)
    ? await ports.supply(exchange, {}, signal)
    : await ports.consume(exchange, { waitMs: 0 }, signal);
}
