import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followTrail, type Holes } from './holes.js';

const moment = (oldest: number, next: number, ms: number) => ({
  oldest: BigInt(oldest),
  next: BigInt(next),
  ms,
});

/** What a read finds that goes by a place: behind its serial, or in its holes. */
function unread(serial: bigint, holes: Holes, committed: readonly number[]): number[] {
  return committed.filter(
    (each) => each > serial || holes.some((hole) => each >= Number(hole.from) && each <= Number(hole.to)),
  );
}

describe('the trail through a change table', () => {
  it('meets every change once, in whatever order they are committed', () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 30 }, (_, at) => at + 1),
      { minLength: 0 },
    );
    fc.assert(
      fc.property(order, fc.array(fc.nat({ max: 5 }), { minLength: 1 }), (commits, steps) => {
        const read: number[] = [];
        let place = { serial: 0n, holes: [] as Holes };
        let done = 0;
        for (const step of [...steps, commits.length]) {
          done = Math.min(done + step, commits.length);
          const now = commits.slice(0, done).sort((a, b) => a - b);
          const trail = followTrail(place.serial, place.holes, 1n, moment(1, 100, 0));
          for (const serial of unread(place.serial, place.holes, now)) {
            trail.passed(BigInt(serial));
            read.push(serial);
          }
          place = { serial: trail.serial, holes: trail.holes() };
        }
        expect(read.sort((a, b) => a - b)).toEqual([...commits].sort((a, b) => a - b));
      }),
    );
  });

  it('forgets a hole once the transactions of its time are over and a later read has passed it', () => {
    const first = followTrail(0n, [], 1n, moment(50, 60, 0));
    first.passed(5n);
    const holes = first.holes();
    expect(holes).toMatchObject([{ from: '1', to: '4' }]);
    const after = (oldest: number, ms: number) => {
      const trail = followTrail(5n, holes, 1n, moment(oldest, 90, ms));
      trail.passed(6n);
      return trail.holes().length;
    };
    expect(after(59, 60_000)).toBe(1);
    expect(after(60, 1_000)).toBe(1);
    expect(after(60, 60_000)).toBe(0);
    expect(followTrail(5n, holes, 1n, moment(60, 90, 60_000)).holes().length).toBe(1);
  });

  it('keeps a hole as long as it is told to, and longer while a transaction of its time is open', () => {
    const first = followTrail(0n, [], 1n, moment(50, 60, 0));
    first.passed(5n);
    const after = (oldest: number, ms: number) => {
      const trail = followTrail(5n, first.holes(), 1n, { ...moment(oldest, 90, ms), settleMs: 900_000 });
      trail.passed(6n);
      return trail.holes().length;
    };
    expect([after(60, 899_999), after(60, 900_000), after(59, 900_000)]).toEqual([1, 0, 1]);
  });

  it('takes the nearest holes together when there are too many, and leaves none out', () => {
    const trail = followTrail(0n, [], 1n, moment(1, 2, 0));
    for (let serial = 2; serial <= 5000; serial += 2) trail.passed(BigInt(serial));
    const holes = trail.holes();
    expect(holes.length).toBeLessThanOrEqual(1000);
    const odd = Array.from({ length: 2500 }, (_, at) => at * 2 + 1);
    expect(unread(5000n, holes, odd)).toEqual(odd);
  });

  it('knows the step of a sequence', () => {
    const trail = followTrail(10n, [], 10n, moment(1, 2, 0));
    trail.passed(20n);
    trail.passed(40n);
    expect(trail.holes()).toMatchObject([{ from: '21', to: '39' }]);
  });
});
