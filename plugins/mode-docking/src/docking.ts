import { type Exchange, isSupply } from '@qianzhi/model';
import type { ExchangeMode, ModePorts, PlannedJob, PlanState, RunningJob } from '@qianzhi/plugin-api';
import { type Static, Type } from '@sinclair/typebox';
import { scheduleOf } from './schedule.js';

/** `modeOptions` of an exchange in this mode. */
export const DockingOptionsSchema = Type.Object(
  {
    waitMs: Type.Integer({
      minimum: 0,
      maximum: 3_600_000,
      default: 0,
      description: 'consume: how long a run keeps listening for more, in milliseconds',
    }),
    maxBatchAgeMs: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'supply: cut a batch at this age even if small, in milliseconds',
      }),
    ),
  },
  { additionalProperties: false },
);
type DockingOptions = Partial<Static<typeof DockingOptionsSchema>>;

/** A slot planned this late counts as missed: the agent was down, not merely busy. */
const LATE_MS = 60_000;

/** 系统对接 (R034): scheduled exchange of tables between systems. */
export const docking: ExchangeMode = {
  kind: 'mode',
  configSchema: DockingOptionsSchema,
  plan,
  nextDue: (exchange, _state, now) => scheduleOf(exchange)?.next(now),
  run,
};

/**
 * The newest slot since the last planned one, if any: slots that passed meanwhile are made up by it once, or left out,
 * as the exchange's missed-run policy says. The id is made of exchange and slot, so a slot is one job for ever.
 */
function plan(exchange: Exchange, state: PlanState, now: Date): readonly PlannedJob[] {
  const slot = scheduleOf(exchange)?.latest(now);
  if (!slot || slot <= state.since || (state.lastPlanned && slot <= state.lastPlanned)) return [];
  const missed = now.getTime() - slot.getTime() > LATE_MS;
  if (missed && exchange.schedule?.missed === 'skip') return [];
  const id = `${exchange.name}@${slot.toISOString()}`;
  return [{ id, exchange: exchange.name, dueAt: slot, cause: missed ? 'missed' : 'schedule' }];
}

async function run(_job: RunningJob, ports: ModePorts, signal: AbortSignal) {
  const { exchange } = ports;
  const { waitMs = 0, maxBatchAgeMs } = (exchange.modeOptions ?? {}) as DockingOptions;
  return isSupply(exchange)
    ? await ports.supply(exchange, { maxBatchAgeMs }, signal)
    : await ports.consume(exchange, { waitMs }, signal);
}
