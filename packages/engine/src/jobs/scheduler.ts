import { type Exchange, isSupply } from '@qianzhi/model';
import type { PlannedJob, PlanState } from '@qianzhi/plugin-api';
import { createChanges } from '../changes.js';
import { revokedDeliveries } from '../consumer/consume.js';
import type { Core } from '../core.js';
import { codedError } from '../failure.js';
import type { Inbox } from '../inbox/inbox.js';
import type { Tables } from '../store/tables.js';
import type { Runner } from './runner.js';

/** Asks the modes what is due and starts it; sleeps until the next due time or a wake. */
export interface Scheduler {
  start(): void;
  wake(): void;
  closed(): Promise<void>;
}

export interface SchedulerParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly runner: Runner;
  readonly inbox: Inbox;
  readonly housekeep: () => Promise<void>;
}

/** How often a mode that names no next time is asked again. */
const ASK_AGAIN_MS = 60_000;
const HOUSEKEEP_MS = 10 * 60_000;
/** Due jobs that are looked through for one that takes no place. */
const LOOKED_AT = 1000;

export function createScheduler({ core, tables, runner, inbox, housekeep }: SchedulerParts): Scheduler {
  const { options, limits, clock } = core;
  const changes = createChanges();
  const exchangeOf = (name: string) => options.exchanges().find((one) => one.name === name);
  /** Exchanges whose plan fails, by code: alarmed once, not at every look. */
  const troubles = new Map<string, string>();
  let loop: Promise<void> = Promise.resolve();
  let cleanAt = 0;
  let changedAt: Date | undefined;
  core.woken.on(() => {
    changedAt = clock.now();
    changes.notify();
  });
  /** The clock at the last look; at the first one it may have been set back while nothing ran. */
  let seenAt = Number.POSITIVE_INFINITY;

  /** After a clock that was ahead is set right nothing waits for the time it had shown. */
  function followClock(now: Date): void {
    if (now.getTime() >= seenAt) {
      seenAt = now.getTime();
      return;
    }
    const after = (ms: number) => new Date(now.getTime() + ms).toISOString();
    core.store.write(() => {
      tables.exchanges.pullBack(now.toISOString());
      tables.jobs.pullBack(now.toISOString(), after(Math.max(2 * limits.backoffCapMs, ASK_AGAIN_MS)));
      // what ran seconds early is no other run
      tables.jobs.pullBackDue(now.toISOString(), after(ASK_AGAIN_MS));
    });
    cleanAt = Math.min(cleanAt, now.getTime() + HOUSEKEEP_MS);
    seenAt = now.getTime();
  }

  /** An exchange that is no more gets no more runs; one that runs is let to its end. */
  function cancelOrphaned(now: Date): void {
    const orphaned = tables.jobs.waitingExchanges().filter((name) => !exchangeOf(name));
    if (orphaned.length === 0) return;
    core.store.write(() => {
      for (const job of orphaned.flatMap((name) => tables.jobs.openOf(name)))
        tables.jobs.move(job.id, ['queued', 'waiting'], 'cancelled', job.next_at, now.toISOString());
    });
  }

  /** Plans what is due; answers when to ask again. */
  function plan(): number {
    const now = clock.now();
    try {
      followClock(now);
      cancelOrphaned(now);
    } catch (error) {
      core.alarm(codedError(error, 'clock set back'), 'schedule');
    }
    let next = now.getTime() + ASK_AGAIN_MS;
    for (const exchange of options.exchanges()) {
      const row = tables.exchanges.ensure(exchange.name, now.toISOString());
      eraseRevoked(exchange);
      if (row.state !== 'running') continue;
      try {
        next = Math.min(next, planOne(exchange, now));
        troubles.delete(exchange.name);
      } catch (error) {
        const coded = codedError(error, `plan ${exchange.name}`);
        if (troubles.get(exchange.name) !== coded.code) core.alarm(coded, exchange.name);
        troubles.set(exchange.name, coded.code);
      }
    }
    return next;
  }

  function planOne(exchange: Exchange, now: Date): number {
    const row = tables.exchanges.ensure(exchange.name, now.toISOString());
    const mode = options.mode(exchange.mode);
    const state = {
      since: new Date(row.since),
      lastPlanned: row.lastPlanned === null ? undefined : new Date(row.lastPlanned),
      newest: newestOf(exchange.name),
      changedAt,
    };
    const jobs = mode.plan(exchange, state, now);
    if (jobs.length > 0) {
      core.store.write(() => {
        for (const job of jobs) {
          // a job that has not begun does this one's work too
          const covered = tables.jobs.openOf(exchange.name).some((open) => open.state !== 'running');
          if (!covered) insertSlot(job, now);
          tables.exchanges.setPlanned(exchange.name, job.dueAt.toISOString());
        }
      });
    }
    planRevocation(exchange, now);
    const after = tables.exchanges.get(exchange.name)?.lastPlanned;
    const next = mode.nextDue?.(
      exchange,
      { ...state, lastPlanned: after ? new Date(after) : undefined, newest: newestOf(exchange.name) },
      now,
    );
    return next?.getTime() ?? Number.POSITIVE_INFINITY;
  }

  function newestOf(exchange: string): PlanState['newest'] {
    const job = tables.jobs.list({ exchange, limit: 1 })[0];
    if (!job) return undefined;
    const ended = job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
    return {
      state: ended ? (job.state as 'done') : 'open',
      endedAt: job.ended_at === null ? undefined : new Date(job.ended_at),
    };
  }

  /** A slot is one job for ever, unless a clock that was ahead had it run before its time. */
  function insertSlot(job: PlannedJob, now: Date): void {
    if (tables.jobs.insert(job)) return;
    const early = tables.jobs.get(job.id)!.due_at !== job.dueAt.toISOString();
    if (early) tables.jobs.insert({ ...job, id: `${job.id}~${now.getTime()}` });
  }

  /** Of a paused exchange, too, and while its target is out of reach. */
  function eraseRevoked(exchange: Exchange): void {
    if (isSupply(exchange)) return;
    for (const { row } of revokedDeliveries({ core, tables }, exchange)) {
      void inbox.erase({ exchange: exchange.name, delivery: row.name });
    }
  }

  /** What a revoked delivery left staged is erased at once, not at the next scheduled run. */
  function planRevocation(exchange: Exchange, now: Date): void {
    if (isSupply(exchange)) return;
    for (const { row } of revokedDeliveries({ core, tables }, exchange)) {
      const id = `${exchange.name}@revoked-${row.delivery.agreement}-${row.delivery.grantVersion}`;
      core.store.write(() =>
        tables.jobs.insert({ id, exchange: exchange.name, dueAt: now, cause: 'continuous' }),
      );
    }
  }

  /** Answers when to look again at jobs that could not be started; infinity when all were. */
  function startDue(): number {
    for (;;) {
      const room = runner.running() < limits.concurrentJobs;
      const job = tables.jobs
        .due(core.now(), room ? 1 : LOOKED_AT)
        .find((one) => room || lasts(one.exchange));
      if (!job) return Number.POSITIVE_INFINITY;
      const exchange = exchangeOf(job.exchange);
      try {
        if (exchange && runner.start(job, exchange)) continue;
      } catch (error) {
        const coded = codedError(error, job.id);
        options.log.warn({ code: coded.code, job: job.id }, coded.message);
      }
      return clock.now().getTime() + limits.backoffFirstMs;
    }
  }

  /** Its jobs take no place among the others. */
  function lasts(name: string): boolean {
    const exchange = exchangeOf(name);
    return exchange !== undefined && (options.mode(exchange.mode).lasts?.(exchange) ?? false);
  }

  function sleepMs(planAt: number, startAt: number): number {
    const now = clock.now().getTime();
    // what is due and waits for a place is started when one is free
    const due = tables.jobs.nextDue(runner.running() < limits.concurrentJobs ? '' : core.now());
    const dueAt = due === undefined || startAt < Number.POSITIVE_INFINITY ? planAt : Date.parse(due);
    return Math.max(Math.min(planAt, startAt, dueAt, cleanAt) - now, 1);
  }

  async function run(): Promise<void> {
    while (!core.stopping.aborted) {
      const woken = changes.next(core.stopping);
      woken.catch(() => undefined);
      const planAt = plan();
      const startAt = startDue();
      if (clock.now().getTime() >= cleanAt) {
        cleanAt = clock.now().getTime() + HOUSEKEEP_MS;
        await housekeep().catch((error) => core.alarm(codedError(error, 'housekeeping'), 'outbox'));
        continue;
      }
      const waking = new AbortController();
      const timer = clock.wait(sleepMs(planAt, startAt), AbortSignal.any([core.stopping, waking.signal]));
      timer.catch(() => undefined);
      await Promise.race([timer, woken]).catch(() => undefined);
      waking.abort();
    }
  }

  return {
    start() {
      core.store.write(() => tables.jobs.orphans());
      loop = run();
    },
    wake: () => changes.notify(),
    closed: () => loop,
  };
}
