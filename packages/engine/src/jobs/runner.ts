import { type Exchange, isSupply, type QianzhiError } from '@qianzhi/model';
import type { ModePorts, PluginContext, RunSummary } from '@qianzhi/plugin-api';
import { backoffMs } from '../clock.js';
import type { ConsumerParts } from '../consumer/apply-run.js';
import { consume } from '../consumer/consume.js';
import { type Core, coreOfJob } from '../core.js';
import { engineErrors } from '../errors.js';
import { codedError, isStopping, problemText } from '../failure.js';
import { stopsExchange } from '../provider/reject-limit.js';
import { addCounts } from '../provider/run-counts.js';
import { type ProviderParts, supply } from '../provider/supply.js';
import { type JobEnd, type JobRow, jobInfo } from '../store/job-table.js';
import type { Tables } from '../store/tables.js';
import type { Turns } from '../turns.js';
import { decide } from './decide.js';
import { jobLog } from './job-log.js';
import { createMeter, type ProgressMeter } from './progress.js';

/** Runs leased jobs through their modes. */
export interface Runner {
  /** Takes the job if nobody else did and lets it run to rest. False when it was not to be had; throws of the store. */
  start(job: JobRow, exchange: Exchange): boolean;
  /**
   * Ends a running job: `cancel` at once, `pause` after its current batch, `rest` well, and only where its runs last. False when it
   * does not run here.
   */
  interrupt(job: string, how: 'cancel' | 'pause' | 'rest'): boolean;
  /** Jobs that run, less those whose runs last. */
  running(): number;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

export interface RunnerParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly provider: ProviderParts;
  readonly consumer: ConsumerParts;
  readonly turns: Turns;
  /** Names this process in leases. */
  readonly owner: string;
  readonly ended: (job: string) => void;
}

interface Running {
  readonly hard: AbortController;
  readonly soft: AbortController;
  readonly rest: AbortController;
  readonly lasts: boolean;
  readonly done: Promise<void>;
}

const PROGRESS_MS = 1000;

export function createRunner(parts: RunnerParts): Runner {
  const { core, tables, owner } = parts;
  const { limits } = core;
  const running = new Map<string, Running>();

  function leaseUntil(): string {
    return new Date(core.clock.now().getTime() + limits.jobLeaseMs).toISOString();
  }

  function emit(id: string): void {
    const row = tables.jobs.get(id);
    if (row) core.emit({ kind: 'job', job: jobInfo(row) });
  }

  async function work(
    job: JobRow,
    exchange: Exchange,
    { hard, soft, rest }: Pick<Running, 'hard' | 'soft' | 'rest'>,
  ) {
    const signal = AbortSignal.any([hard.signal, core.closed]);
    const meter = createMeter(core, tables, isSupply(exchange) ? exchange.supply : undefined);
    const beat = () => {
      const alive = core.store.write(() => tables.jobs.heartbeat(job.id, owner, leaseUntil()));
      if (!alive) hard.abort(engineErrors.CANCELLED({ job: job.id }));
    };
    const heart = setInterval(() => attempt(job, beat), limits.jobLeaseMs / 3);
    const ticks = setInterval(() => attempt(job, () => report(job, exchange, meter)), PROGRESS_MS);
    const log = jobLog(core, tables, job.id);
    try {
      log.info({ exchange: exchange.name, attempt: job.attempt + 1, cause: job.cause }, 'job started');
      const ports = portsOf(job, exchange, meter, soft.signal, rest.signal);
      const planned = {
        id: job.id,
        exchange: job.exchange,
        dueAt: new Date(job.due_at),
        cause: job.cause,
        attempt: job.attempt + 1,
      };
      const summary = soFar(job, await core.options.mode(exchange.mode).run(planned, ports, signal));
      log.info({ ...summary }, 'job done');
      attempt(job, () => report(job, exchange, meter));
      await end(job, { state: 'done', failures: 0, problem: null, summary });
      core.store.write(() => tables.exchanges.setSucceeded(exchange.name, core.now()));
    } catch (cause) {
      if (core.crashed()) return;
      const error = codedError(cause, `job ${job.exchange}`);
      attempt(job, () => {
        report(job, exchange, meter);
        log.warn({ code: error.code, ...error.details }, error.message);
      });
      await fail(job, exchange, error, soFar(job, meter.counts()), hard, soft);
    } finally {
      clearInterval(heart);
      clearInterval(ticks);
    }
  }

  /** What is worth a try and no reason to end a run: a timer's write to a full disk. */
  function attempt(job: JobRow, write: () => void): void {
    if (core.crashed()) return;
    try {
      write();
    } catch (cause) {
      const error = codedError(cause, job.id);
      core.options.log.warn({ code: error.code, job: job.id }, error.message);
    }
  }

  function portsOf(
    job: JobRow,
    exchange: Exchange,
    meter: ProgressMeter,
    paused: AbortSignal,
    rest: AbortSignal,
  ): ModePorts {
    const { options } = core;
    const soft = AbortSignal.any([core.stopping, paused]);
    const control = { soft, rest, onCounts: meter.onCounts, onWaiting: meter.onWaiting };
    const context: PluginContext = {
      log: jobLog(core, tables, job.id),
      now: () => core.clock.now(),
      tempDir: options.tempDir,
      timeZone: options.timeZone ?? 'Asia/Shanghai',
    };
    const own = { core: coreOfJob(core, job.id) };
    return {
      exchange,
      context,
      supply: (one, how, signal) =>
        parts.turns(one.supply, () => supply({ ...parts.provider, ...own }, one, how, control, signal)),
      download: (one, signal) => {
        if (!options.download) throw engineErrors.NO_DOWNLOAD({ exchange: one.name });
        return options.download(one, signal);
      },
      consume: (one, how, signal) => consume({ ...parts.consumer, ...own }, one, how, control, signal),
    };
  }

  async function fail(
    job: JobRow,
    exchange: Exchange,
    error: QianzhiError,
    summary: RunSummary,
    hard: AbortController,
    soft: AbortController,
  ): Promise<void> {
    const problem = problemText(error);
    const engineStops = core.stopping.aborted && (isStopping(error) || error.kind === 'cancelled');
    const paused = soft.signal.aborted && !hard.signal.aborted && error.kind === 'cancelled';
    if (engineStops || paused) {
      // interrupted, not tried: it goes on where it was
      return await end(job, {
        state: 'queued',
        failures: job.failures,
        problem: null,
        summary,
        uncounted: true,
      });
    }
    if (hard.signal.aborted) {
      const cancelled = problemText(engineErrors.CANCELLED({ job: job.id }));
      return await end(job, {
        state: 'cancelled',
        failures: job.failures,
        problem: cancelled,
        summary,
      });
    }
    const failures = job.failures + 1;
    const decision = decide(error, failures, limits);
    const afterMs = decision.state === 'waiting' ? decision.afterMs : undefined;
    if (stopsExchange(error)) {
      core.store.write(() => tables.exchanges.setState(exchange.name, 'stopped', problem));
      core.alarm(error, exchange.name);
    }
    await end(job, { state: decision.state, failures, problem, summary }, afterMs);
  }

  /** A full disk must not leave the job running for ever: its end is written when there is room again. */
  async function end(job: JobRow, to: Omit<JobEnd, 'nextAt' | 'endedAt'>, afterMs = 0): Promise<void> {
    const now = core.clock.now().getTime();
    const open = to.state === 'queued' || to.state === 'waiting';
    const row = {
      ...to,
      nextAt: new Date(now + afterMs).toISOString(),
      endedAt: open ? null : new Date(now).toISOString(),
    };
    for (let failures = 1; ; failures++) {
      try {
        core.store.write(() => tables.jobs.end(job.id, owner, row));
        return emit(job.id);
      } catch (cause) {
        if (codedError(cause, job.id).retry !== 'backoff') throw cause;
      }
      await core.clock.wait(backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs), core.closed);
    }
  }

  function report(job: JobRow, exchange: Exchange, meter: ProgressMeter): void {
    const progress = meter.measure();
    core.store.write(() => tables.jobs.setProgress(job.id, progress));
    core.emit({ kind: 'progress', job: job.id, exchange: exchange.name, progress });
  }

  return {
    start(job, exchange) {
      const now = core.now();
      const taken = core.store.write(() => tables.jobs.take(job.id, owner, now, leaseUntil()));
      if (!taken) return false;
      emit(job.id);
      const ends = { hard: new AbortController(), soft: new AbortController(), rest: new AbortController() };
      const lasts = core.options.mode(exchange.mode).lasts?.(exchange) ?? false;
      const done = work(job, exchange, ends)
        .catch((error) => {
          if (!core.crashed()) core.alarm(codedError(error, job.id), job.exchange);
        })
        .finally(() => {
          running.delete(job.id);
          parts.ended(job.id);
        });
      running.set(job.id, { ...ends, lasts, done });
      return true;
    },
    interrupt(id, how) {
      const found = running.get(id);
      if (!found) return false;
      if (how === 'pause') found.soft.abort(engineErrors.STOPPING({ what: id }));
      else if (how === 'rest') found.rest.abort(engineErrors.STOPPING({ what: id }));
      else found.hard.abort(engineErrors.CANCELLED({ job: id }));
      return true;
    },
    running: () => [...running.values()].filter(({ lasts }) => !lasts).length,
    async idle() {
      await Promise.all([...running.values()].map((one) => one.done));
    },
  };
}

/** What all attempts of a job came to: each begins behind what the one before has done. */
function soFar(job: JobRow, counts: RunSummary): RunSummary {
  return job.summary === null ? counts : addCounts(JSON.parse(job.summary) as RunSummary, counts);
}
