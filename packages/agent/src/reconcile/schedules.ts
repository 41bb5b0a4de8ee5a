import { isDeepStrictEqual } from 'node:util';
import { type Exchange, isSupply } from '@qianzhi/model';
import { Cron } from 'croner';

export interface ReconcileOrder {
  readonly resource: string;
  readonly agreement?: string | undefined;
  readonly repair: boolean;
}

export interface Schedules {
  /** Takes up what the exchanges say now: new, changed and removed ones; those that stay as they were keep their time. */
  follow(): void;
  stop(): void;
}

interface Plan {
  readonly cron: string;
  readonly order: ReconcileOrder;
}

/** Asia/Shanghai, as all schedules. */
const UTC_OFFSET_MINUTES = 8 * 60;

/** Calls `due` at the times that the exchanges name for their reconciliations. Follows the exchanges only when told. */
export function createSchedules(
  exchanges: () => readonly Exchange[],
  due: (exchange: string, order: ReconcileOrder) => Promise<void>,
): Schedules {
  const running = new Map<string, { readonly plan: Plan; readonly job: Cron }>();

  function stop(name: string): void {
    running.get(name)?.job.stop();
    running.delete(name);
  }

  return {
    follow() {
      const wanted = new Map(exchanges().flatMap(planOf));
      for (const [name, { plan }] of running) if (!isDeepStrictEqual(wanted.get(name), plan)) stop(name);
      for (const [name, plan] of wanted) {
        if (running.has(name)) continue;
        const options = { utcOffset: UTC_OFFSET_MINUTES, mode: '5-or-6-parts', unref: true } as const;
        running.set(name, { plan, job: new Cron(plan.cron, options, () => due(name, plan.order)) });
      }
    },
    stop() {
      for (const name of [...running.keys()]) stop(name);
    },
  };
}

function planOf(exchange: Exchange): (readonly [string, Plan])[] {
  if (!exchange.reconcile) return [];
  const { cron, repair } = exchange.reconcile;
  const order: ReconcileOrder = {
    resource: isSupply(exchange) ? exchange.supply : exchange.consume,
    agreement: isSupply(exchange) ? undefined : exchange.agreement,
    repair,
  };
  return [[exchange.name, { cron, order }]];
}
