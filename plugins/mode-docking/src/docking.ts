import { type Exchange, isSupply } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { ExchangeMode, ModePorts, PlannedJob, PlanState, RunningJob } from '@qianzhi/plugin-api';
import { nextSlot, planSlot } from '@qianzhi/plugin-api/slots';
import { dockingErrors } from './errors.js';

/** `modeOptions` of an exchange in this mode. */
export const DockingOptionsSchema = Type.Object(
  {
    continuous: Type.Boolean({
      default: false,
      description:
        '持续运行,无需 schedule:供数时改动一提交即读取并发送,用数时一到即写入。keep running, no schedule needed: supply reads and sends changes as they are committed, consume applies them as they come',
    }),
    pollMs: Type.Integer({
      minimum: 10,
      maximum: 3_600_000,
      default: 1000,
      description:
        '持续供数:除 log 外的策略每隔多少毫秒再读一次。continuous supply: how often a strategy other than log reads again, in milliseconds',
    }),
    waitMs: Type.Integer({
      minimum: 0,
      maximum: 3_600_000,
      default: 0,
      description:
        '用数:一次运行继续等候新批次多少毫秒(持续运行时不用)。consume: how long a run keeps listening for more, in milliseconds; not used when continuous',
    }),
    maxBatchAgeMs: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          '供数:批次满此毫秒数即封装,再小也不等;持续运行时缺省为源库暂无更多且未签收批次不多即封装。supply: cut a batch at this age even if small, in milliseconds; continuous without it: as soon as the source has no more at hand and few batches are without receipt',
      }),
    ),
  },
  { additionalProperties: false },
);
type DockingOptions = Static<typeof DockingOptionsSchema>;

/** Strategies that read everything each time: to read on would be to copy without end. */
const wholeCopies: ReadonlySet<string> = new Set(['snapshot', 'diff']);
/** How long one run of a continuous exchange is: its summary is then in the job history. */
const RUN_MS = 10 * 60_000;
/** Between two runs, so that runs which end at once for some reason do not keep the agent from all else. */
const NEXT_MS = 50;
/** A continuous run that failed, or was cancelled by a person, is followed by another one after this. */
const AGAIN_MS = 60_000;

/** 系统对接 (R034): exchange of tables between systems, on a schedule or all the time. */
export const docking: ExchangeMode = {
  kind: 'mode',
  configSchema: DockingOptionsSchema,
  plan: (exchange, state, now) =>
    optionsOf(exchange).continuous
      ? planContinuous(exchange, state, now)
      : planSlot(exchange, state, now, dockingErrors.CRON_WRONG),
  nextDue: (exchange, state, now) =>
    optionsOf(exchange).continuous
      ? nextRunAt(state, now)
      : nextSlot(exchange, now, dockingErrors.CRON_WRONG),
  check(exchange) {
    if (!optionsOf(exchange).continuous || !isSupply(exchange) || !wholeCopies.has(exchange.strategy)) return;
    const { name, strategy } = exchange;
    throw dockingErrors.CONTINUOUS_UNFIT({ exchange: name, strategy });
  },
  lasts: (exchange) => optionsOf(exchange).continuous,
  run,
};

function optionsOf({ modeOptions }: Exchange): DockingOptions {
  return { continuous: false, pollMs: 1000, waitMs: 0, ...(modeOptions as Partial<DockingOptions>) };
}

/** One run follows the other, so that there is always one. */
function planContinuous({ name }: Exchange, state: PlanState, now: Date): readonly PlannedJob[] {
  const dueAt = nextRunAt(state, now);
  if (!dueAt || dueAt > now) return [];
  // the run before ended at another time: an id of its own, and the same for whoever plans it again
  const id = `${name}@after-${state.newest?.endedAt?.toISOString() ?? 'nothing'}`;
  return [{ id, exchange: name, dueAt, cause: 'continuous' }];
}

/** Undefined while one runs, or is tried again by itself. */
function nextRunAt({ newest, changedAt }: PlanState, now: Date): Date | undefined {
  if (newest === undefined) return now;
  if (newest.state === 'open') return undefined;
  const ended = newest.endedAt ?? now;
  const atOnce = newest.state === 'done' || (newest.state === 'failed' && changedAt && changedAt > ended);
  return new Date(ended.getTime() + (atOnce ? NEXT_MS : AGAIN_MS));
}

async function run({ cause }: RunningJob, ports: ModePorts, signal: AbortSignal) {
  const { exchange } = ports;
  const options = optionsOf(exchange);
  // who starts one by hand wants to see it end
  const lasting = options.continuous && cause !== 'manual' ? { runMs: RUN_MS } : undefined;
  const { maxBatchAgeMs, pollMs } = options;
  if (isSupply(exchange)) {
    const continuous = lasting && { ...lasting, pollMs };
    return await ports.supply(exchange, { maxBatchAgeMs, continuous }, signal);
  }
  const waitMs = lasting?.runMs ?? (options.continuous ? 0 : options.waitMs);
  return await ports.consume(exchange, { waitMs, continuous: lasting }, signal);
}
