import { randomUUID } from 'node:crypto';
import { type Exchange, isSupply } from '@qianzhi/model';
import { createChanges } from '../changes.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { errorOf, problemOf } from '../failure.js';
import { type JobRow, jobInfo } from '../store/job-table.js';
import type { Tables } from '../store/tables.js';
import { needsSnapshot, restartCommand } from '../streams/stream-info.js';
import type { ExchangeInfo, JobInfo, Jobs } from '../surface.js';
import type { Runner } from './runner.js';

export interface JobsParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly runner: Runner;
  readonly wake: () => void;
}

/** What an operator does with jobs and exchanges. `changed` is to be called when a job comes to rest. */
export function createJobs({ core, tables, runner, wake }: JobsParts) {
  const { options } = core;
  const changes = createChanges();

  function exchangeOf(name: string): Exchange {
    const found = options.exchanges().find((one) => one.name === name);
    if (found) return found;
    const known =
      options
        .exchanges()
        .map((one) => one.name)
        .join(', ') || '-';
    throw engineErrors.EXCHANGE_UNKNOWN({ exchange: name, known });
  }

  function rowOf(id: string): JobRow {
    const row = tables.jobs.get(id);
    if (!row) throw engineErrors.JOB_UNKNOWN({ job: id });
    return row;
  }

  function requireActive(name: string): void {
    const row = tables.exchanges.ensure(name, core.now());
    if (row.state === 'paused') throw engineErrors.EXCHANGE_PAUSED({ exchange: name });
    if (row.state === 'stopped' && row.problem) throw errorOf(row.problem);
  }

  function queueByHand(name: string): JobInfo {
    const all = tables.jobs.openOf(name);
    const open = all.find((job) => job.state !== 'running');
    const id = open?.id ?? `${name}@manual-${core.now()}-${randomUUID().slice(0, 8)}`;
    core.store.write(() => {
      if (open) tables.jobs.move(id, [open.state], 'queued', core.now(), null);
      else tables.jobs.insert({ id, exchange: name, dueAt: core.clock.now(), cause: 'manual' });
    });
    // one that lasts would keep it waiting
    for (const job of all) if (job.state === 'running') runner.interrupt(job.id, 'rest');
    wake();
    return infoOf(rowOf(id));
  }

  /** A job is tried again by the command that starts what stopped it: its exchange, its stream, or itself. */
  function infoOf(row: JobRow): JobInfo {
    const info = jobInfo(row);
    return info.restart === undefined ? info : { ...info, restart: haltedBy(row) ?? info.restart };
  }

  function haltedBy({ exchange: name, problem }: JobRow): string | undefined {
    if ((tables.exchanges.get(name)?.state ?? 'running') !== 'running') return `qianzhi job resume ${name}`;
    const exchange = options.exchanges().find((one) => one.name === name);
    if (!exchange) return undefined;
    if (isSupply(exchange)) {
      if (needsSnapshot(problemOf(problem)?.code)) return `qianzhi stream resnapshot ${exchange.supply}`;
      const stream = tables.streams.get(exchange.supply);
      const code = stream && stream.state !== 'running' ? problemOf(stream.problem)?.code : undefined;
      return code && restartCommand(exchange.supply, code);
    }
    const stopped = tables.deliveries.of(name).some((one) => one.state === 'stopped');
    return stopped ? `qianzhi stream resume ${exchange.consume}` : undefined;
  }

  function exchangeInfo(exchange: Exchange): ExchangeInfo {
    const row = tables.exchanges.ensure(exchange.name, core.now());
    const supplies = isSupply(exchange);
    const waiting = tables.jobs.openOf(exchange.name).find((job) => job.state === 'waiting');
    const last = tables.jobs
      .list({ exchange: exchange.name, limit: 1 })
      .find((job) => job.state === 'failed' || job.state === 'cancelled');
    const job = waiting ?? last;
    const problem = row.state === 'running' ? job?.problem : row.problem;
    return {
      exchange: exchange.name,
      resource: supplies ? exchange.supply : exchange.consume,
      direction: supplies ? 'supply' : 'consume',
      state:
        row.state !== 'running'
          ? row.state
          : waiting
            ? 'waiting'
            : last?.state === 'failed'
              ? 'stopped'
              : 'running',
      lastSuccessAt: row.lastSuccess ?? undefined,
      problem: problem ? problemOf(problem) : undefined,
      restart: row.state === 'running' ? job && infoOf(job).restart : `qianzhi job resume ${exchange.name}`,
    };
  }

  const jobs: Jobs = {
    list: (filter = {}) => tables.jobs.list(filter).map(infoOf),
    run(name) {
      exchangeOf(name);
      requireActive(name);
      return queueByHand(name);
    },
    status: (id) => infoOf(rowOf(id)),
    retry(id) {
      const job = rowOf(id);
      exchangeOf(job.exchange);
      requireActive(job.exchange);
      const moved = core.store.write(() =>
        tables.jobs.move(id, ['failed', 'cancelled', 'waiting', 'queued'], 'queued', core.now(), null),
      );
      if (!moved) throw engineErrors.JOB_NOT_RETRIED({ job: id, state: job.state, exchange: job.exchange });
      wake();
      return infoOf(rowOf(id));
    },
    cancel(id) {
      const job = rowOf(id);
      const moved = core.store.write(() =>
        tables.jobs.move(id, ['queued', 'waiting'], 'cancelled', core.now(), core.now()),
      );
      if (!moved && !runner.interrupt(id, 'cancel')) {
        throw engineErrors.JOB_NOT_CANCELLED({ job: id, state: job.state });
      }
      changes.notify();
      return infoOf(rowOf(id));
    },
    pause(name) {
      const exchange = exchangeOf(name);
      tables.exchanges.ensure(name, core.now());
      core.store.write(() => tables.exchanges.setState(name, 'paused', null));
      for (const job of tables.jobs.openOf(name))
        if (job.state === 'running') runner.interrupt(job.id, 'pause');
      return exchangeInfo(exchange);
    },
    resume(name) {
      const exchange = exchangeOf(name);
      const { state } = tables.exchanges.ensure(name, core.now());
      core.store.write(() => tables.exchanges.setState(name, 'running', null));
      // one whose last job failed reads as stopped, too: nothing else would begin before its next time
      if (state === 'stopped' || exchangeInfo(exchange).state === 'stopped') queueByHand(name);
      wake();
      return exchangeInfo(exchange);
    },
    log: (id) => tables.jobs.lines(rowOf(id).id),
    async ended(id, signal) {
      for (;;) {
        const job = infoOf(rowOf(id));
        if (job.state === 'done' || job.state === 'failed' || job.state === 'cancelled') return job;
        await changes.next(signal);
      }
    },
  };
  return {
    jobs,
    exchanges: { list: () => options.exchanges().map(exchangeInfo) },
    changed: () => changes.notify(),
  };
}
