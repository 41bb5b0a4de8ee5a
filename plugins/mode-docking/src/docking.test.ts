import type { Exchange } from '@qianzhi/model';
import { describeMode } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { docking } from './docking.js';

const base = { mode: 'docking', connector: 'civil', rejectLimit: 0.05 };

function exchange(schedule: Exchange['schedule'], more: object = {}): Exchange {
  return { ...base, name: 'nightly', schedule, supply: 'village', strategy: 'snapshot', source: {}, ...more };
}

describeMode({
  name: 'docking',
  mode: docking,
  exchange: ({ name, side, schedule }) =>
    side === 'supply'
      ? { ...base, name, schedule, supply: 'village', strategy: 'snapshot', source: {} }
      : { ...base, name, schedule, consume: 'village', target: {} },
});

describe('docking schedules', () => {
  const since = new Date('2026-03-01T00:00:00Z');

  it('takes six fields, the first of them seconds', () => {
    const every10s = exchange({ cron: '*/10 * * * * *', missed: 'run-once' });
    const now = new Date('2026-03-02T00:00:10.250Z');
    expect(docking.plan(every10s, { since, lastPlanned: new Date('2026-03-02T00:00:00Z') }, now)).toEqual([
      {
        id: 'nightly@2026-03-02T00:00:10.000Z',
        exchange: 'nightly',
        dueAt: new Date('2026-03-02T00:00:10Z'),
        cause: 'schedule',
      },
    ]);
    expect(docking.nextDue?.(every10s, { since, lastPlanned: undefined }, now)).toEqual(
      new Date('2026-03-02T00:00:20Z'),
    );
  });

  it('names the next slot in Asia/Shanghai, and none without a schedule', () => {
    const nightly = exchange({ cron: '0 2 * * *', missed: 'run-once' });
    const now = new Date('2026-03-02T18:00:00Z');
    expect(docking.nextDue?.(nightly, { since, lastPlanned: undefined }, now)).toEqual(
      new Date('2026-03-03T18:00:00Z'),
    );
    expect(docking.nextDue?.(exchange(undefined), { since, lastPlanned: undefined }, now)).toBeUndefined();
  });

  it('refuses a wrong expression with its place and a command', () => {
    const wrong = exchange({ cron: '61 2 * * *', missed: 'run-once' });
    expect(() => docking.plan(wrong, { since, lastPlanned: undefined }, new Date())).toThrowError(
      expect.objectContaining({ code: 'QZ_DOCKING_CRON_WRONG', kind: 'config' }),
    );
  });
});

describe('docking all the time', () => {
  const since = new Date('2026-03-01T00:00:00Z');
  const now = new Date('2026-03-02T00:00:00Z');
  const always = exchange(undefined, { strategy: 'log', modeOptions: { continuous: true } });
  const after = (state: 'open' | 'done' | 'failed' | 'cancelled', secondsAgo: number, changedAt?: Date) => ({
    since,
    lastPlanned: since,
    newest: { state, endedAt: new Date(now.getTime() - secondsAgo * 1000) },
    changedAt,
  });

  it('has one run follow the other, with no schedule', () => {
    expect(docking.lasts?.(always)).toBe(true);
    expect(docking.plan(always, { since, lastPlanned: undefined }, now)).toMatchObject([
      { cause: 'continuous' },
    ]);
    expect(docking.plan(always, after('open', 5), now)).toEqual([]);
    expect(docking.nextDue?.(always, after('open', 5), now)).toBeUndefined();
    const [first] = docking.plan(always, after('done', 2), now);
    const [second] = docking.plan(always, after('done', 1), now);
    expect(first?.id).not.toBe(second?.id);
  });

  it('tries again a minute after a failure, or once orders or config are others', () => {
    expect(docking.plan(always, after('failed', 30), now)).toEqual([]);
    expect(docking.nextDue?.(always, after('failed', 30), now)).toEqual(new Date('2026-03-02T00:00:30Z'));
    expect(docking.plan(always, after('failed', 60), now)).toHaveLength(1);
    expect(docking.plan(always, after('failed', 30, now), now)).toHaveLength(1);
    expect(docking.plan(always, after('cancelled', 30, now), now)).toEqual([]);
  });

  it('refuses strategies that copy everything each time', () => {
    expect(() => docking.check?.(always)).not.toThrow();
    for (const strategy of ['snapshot', 'diff'])
      expect(() => docking.check?.({ ...always, strategy } as Exchange)).toThrowError(
        expect.objectContaining({ code: 'QZ_DOCKING_CONTINUOUS_UNFIT' }),
      );
  });
});
