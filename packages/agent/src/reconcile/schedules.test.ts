import type { Exchange } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSchedules } from './schedules.js';

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-03-01T00:00:00.500Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

type Reconcile = NonNullable<Exchange['reconcile']>;
const timed = (reconcile?: Partial<Reconcile>) =>
  reconcile && { reconcile: { cron: '', repair: false, ...reconcile } };
const supply = (name: string, reconcile?: Partial<Reconcile>) =>
  ({ name, supply: `r-${name}`, ...timed(reconcile) }) as Exchange;
const consume = (name: string, agreement: string, reconcile: Partial<Reconcile>) =>
  ({ name, consume: `r-${name}`, agreement, ...timed(reconcile) }) as Exchange;
const everyMinute = { cron: '* * * * *' };

/** Names of what came due, with the time. */
function following(first: readonly Exchange[]) {
  let exchanges = first;
  const due: string[] = [];
  const schedules = createSchedules(
    () => exchanges,
    async (name, { resource, agreement = '-', repair }) => {
      due.push(`${new Date().toISOString().slice(11, 19)} ${name} ${resource} ${agreement} ${repair}`);
    },
  );
  schedules.follow();
  return {
    schedules,
    become(next: readonly Exchange[]) {
      exchanges = next;
      schedules.follow();
    },
    async during(minutes: number) {
      await vi.advanceTimersByTimeAsync(minutes * 60_000);
      return due.splice(0).sort();
    },
  };
}

describe('schedules of reconciliations', () => {
  it('begin those of exchanges that name a time, in Beijing time', async () => {
    const { during } = following([supply('a', everyMinute), supply('b'), supply('c', { cron: '2 8 * * *' })]);
    expect(await during(2)).toEqual([
      '00:01:00 a r-a - false',
      '00:02:00 a r-a - false',
      '00:02:00 c r-c - false',
    ]);
  });

  it('follow exchanges that are added, changed and removed', async () => {
    const { become, during } = following([supply('a', everyMinute), supply('b', everyMinute)]);
    become([supply('a', { cron: '*/2 * * * *', repair: true }), consume('n', 'g', everyMinute)]);
    expect(await during(2)).toEqual([
      '00:01:00 n r-n g false',
      '00:02:00 a r-a - true',
      '00:02:00 n r-n g false',
    ]);
    become([supply('a')]);
    expect(await during(3)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keep the time of what stays as it was, and end when stopped', async () => {
    const { schedules, become, during } = following([supply('a', everyMinute)]);
    const timers = vi.getTimerCount();
    for (let time = 0; time < 3; time++) become([supply('a', everyMinute)]);
    expect(vi.getTimerCount()).toBe(timers);
    expect(await during(1)).toEqual(['00:01:00 a r-a - false']);
    schedules.stop();
    expect(await during(2)).toEqual([]);
  });
});
