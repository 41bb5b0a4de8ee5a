import assert from 'node:assert/strict';
import type { Exchange } from '@qianzhi/model';
import type { ModePorts, PlannedJob, PlanState, RunSummary } from '@qianzhi/plugin-api';
import type { ExchangeOptions, ModeGroup, ModeHarness } from './harness.js';

/** One assertion of the contract of modes; throws when it is broken. */
export interface ModeTest {
  readonly group: ModeGroup;
  readonly name: string;
  run(harness: ModeHarness): Promise<void>;
}

const nightly = { cron: '0 2 * * *', missed: 'run-once' } as const;
/** 02:00 in Asia/Shanghai of a day of March 2026. */
const slot = (day: number) => new Date(Date.UTC(2026, 2, day - 1, 18));
const after = (date: Date, minutes: number) => new Date(date.getTime() + minutes * 60_000);

function exchangeOf(harness: ModeHarness, options: Partial<ExchangeOptions> = {}): Exchange {
  return harness.exchange({ name: 'nightly', side: 'supply', schedule: nightly, ...options });
}

/** Plans twice over frozen input: a plan depends on nothing but what it is given. */
function plan(harness: ModeHarness, exchange: Exchange, state: PlanState, now: Date): readonly PlannedJob[] {
  const jobs = harness.mode.plan(deepFreeze(exchange), Object.freeze({ ...state }), now);
  assert.deepEqual(
    harness.mode.plan(exchange, state, new Date(now)),
    jobs,
    'the same state and time give the same plan',
  );
  for (const job of jobs) assert.equal(job.exchange, exchange.name, 'a job names its exchange');
  return jobs;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}

const described: Record<string, ModeTest['run']> = {
  'is a mode with a schema': async ({ mode }) => {
    assert.equal(mode.kind, 'mode');
    assert.equal(
      JSON.parse(JSON.stringify(mode.configSchema)).type,
      'object',
      'the schema describes an object',
    );
  },
};

const planned: Record<string, ModeTest['run']> = {
  'plans nothing without a schedule': async (harness) => {
    const exchange = exchangeOf(harness, { schedule: undefined });
    const state = { since: slot(1), lastPlanned: undefined };
    assert.deepEqual(plan(harness, exchange, state, after(slot(3), 600)), []);
  },
  'plans a slot when its time has come, and not before': async (harness) => {
    const exchange = exchangeOf(harness);
    const state = { since: after(slot(1), -600), lastPlanned: slot(1) };
    assert.deepEqual(plan(harness, exchange, state, after(slot(2), -1)), [], 'a minute early');
    const [job, ...more] = plan(harness, exchange, state, after(slot(2), 0));
    assert.ok(job && more.length === 0, 'one job for one slot');
    assert.deepEqual(
      [job.dueAt.toISOString(), job.cause],
      [slot(2).toISOString(), 'schedule'],
      '02:00 in Asia/Shanghai',
    );
  },
  'gives a slot the same id whenever it is planned, and every other slot another': async (harness) => {
    const state = { since: after(slot(1), -600), lastPlanned: slot(1) };
    const idAt = (now: Date, lastPlanned: Date, name = 'nightly') =>
      plan(harness, exchangeOf(harness, { name }), { ...state, lastPlanned }, now).map((job) => job.id);
    const first = idAt(slot(2), slot(1));
    assert.deepEqual(idAt(new Date(slot(2).getTime() + 20_000), slot(1)), first, 'twenty seconds later');
    assert.notDeepEqual(idAt(slot(3), slot(2)), first, 'the next slot');
    assert.notDeepEqual(idAt(slot(2), slot(1), 'another'), first, 'another exchange');
  },
  'plans a slot once': async (harness) => {
    const exchange = exchangeOf(harness);
    const state = { since: after(slot(1), -600), lastPlanned: slot(2) };
    assert.deepEqual(plan(harness, exchange, state, after(slot(2), 5)), []);
  },
};

const missed: Record<string, ModeTest['run']> = {
  'makes up for missed runs once': async (harness) => {
    const exchange = exchangeOf(harness);
    const state = { since: after(slot(1), -600), lastPlanned: slot(1) };
    const now = after(slot(6), 600);
    const [job, ...more] = plan(harness, exchange, state, now);
    assert.ok(job && more.length === 0, 'five missed slots are made up by one job');
    assert.equal(job.cause, 'missed');
    assert.ok(job.dueAt <= now, 'it is due');
    const made = { ...state, lastPlanned: job.dueAt };
    assert.deepEqual(plan(harness, exchange, made, after(now, 1)), [], 'and only once');
    const [next] = plan(harness, exchange, made, slot(7));
    assert.equal(next?.dueAt.toISOString(), slot(7).toISOString(), 'the schedule goes on');
  },
  'leaves missed runs out where the exchange says skip': async (harness) => {
    const exchange = exchangeOf(harness, { schedule: { ...nightly, missed: 'skip' } });
    const state = { since: after(slot(1), -600), lastPlanned: slot(1) };
    assert.deepEqual(plan(harness, exchange, state, after(slot(6), 600)), [], 'ten hours late');
    const [next] = plan(harness, exchange, state, slot(7));
    assert.equal(next?.dueAt.toISOString(), slot(7).toISOString(), 'the schedule goes on');
  },
  'does not make up for slots from before the exchange was known': async (harness) => {
    const state = { since: after(slot(2), 60), lastPlanned: undefined };
    assert.deepEqual(plan(harness, exchangeOf(harness), state, after(slot(2), 600)), []);
    assert.equal(plan(harness, exchangeOf(harness), state, slot(3)).length, 1, 'its first slot');
  },
};

const noRows: RunSummary = {
  batches: 0,
  bytes: 0,
  read: 0,
  repeated: 0,
  rejected: 0,
  flagged: 0,
  stored: 0,
  delivered: 0,
  inserted: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
};

/** Ports that note which door was used, and answer or fail as told. */
function portsFor(exchange: Exchange, outcome: () => Promise<RunSummary>) {
  const calls: {
    readonly door: 'supply' | 'consume';
    readonly name: string;
    readonly signal: AbortSignal;
  }[] = [];
  const log = () => {};
  const ports: ModePorts = {
    exchange,
    supply: ({ name }, _options, signal) => {
      calls.push({ door: 'supply', name, signal });
      return outcome();
    },
    consume: ({ name }, _options, signal) => {
      calls.push({ door: 'consume', name, signal });
      return outcome();
    },
    download: ({ name }, signal) => {
      calls.push({ door: 'consume', name, signal });
      return outcome();
    },
    context: {
      log: { debug: log, info: log, warn: log, error: log },
      now: () => slot(2),
      tempDir: '/nonexistent',
      timeZone: 'Asia/Shanghai',
    },
  };
  return { ports, calls };
}

const job = { id: 'job-1', exchange: 'nightly', dueAt: slot(2), cause: 'manual', attempt: 1 } as const;

const run: Record<string, ModeTest['run']> = {
  'moves data by the side of its exchange and answers the counts': async (harness) => {
    for (const side of ['supply', 'consume'] as const) {
      const summary = { ...noRows, batches: 2, read: 7, stored: 7 };
      const { ports, calls } = portsFor(exchangeOf(harness, { side }), async () => summary);
      const { signal } = new AbortController();
      const answer = await harness.mode.run(job, ports, signal);
      assert.deepEqual(
        calls.map(({ door, name }) => [door, name]),
        [[side, 'nightly']],
      );
      assert.deepEqual([answer.batches, answer.read, answer.stored], [2, 7, 7], 'the counts of the run');
    }
  },
  'passes the abort on, and a failure out': async (harness) => {
    const controller = new AbortController();
    const failure = new Error('the source went away');
    const { ports, calls } = portsFor(exchangeOf(harness), () => Promise.reject(failure));
    await assert.rejects(harness.mode.run(job, ports, controller.signal), failure);
    controller.abort();
    assert.ok(calls[0]?.signal.aborted, 'the port sees the abort of the job');
  },
};

const groups: Readonly<Record<ModeGroup, Readonly<Record<string, ModeTest['run']>>>> = {
  describe: described,
  plan: planned,
  missed,
  run,
};

export const modeTests: readonly ModeTest[] = Object.entries(groups).flatMap(([group, tests]) =>
  Object.entries(tests).map(([name, run]) => ({ group: group as ModeGroup, name, run })),
);
