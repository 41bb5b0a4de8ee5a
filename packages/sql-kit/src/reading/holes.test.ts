import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followTrail, type Hole } from './holes.js';

const SETTLE_MS = 900_000;

/** Reads what is visible and lies behind the newest serial or in a hole, as a source does. */
function read(visible: ReadonlySet<number>, place: { serial: bigint; holes: readonly Hole[] }, now: number) {
  const trail = followTrail(place.serial, place.holes, now, SETTLE_MS);
  const inHole = (n: number) =>
    place.holes.some(({ from, to }) => BigInt(from) <= BigInt(n) && BigInt(n) <= BigInt(to));
  const found = [...visible].filter((n) => BigInt(n) > place.serial || inHole(n)).sort((a, b) => a - b);
  for (const serial of found) trail.passed(BigInt(serial));
  return { found, place: { serial: trail.serial, holes: trail.holes() } };
}

describe('serials of a change table', () => {
  it('are each met, in whatever order they commit, and seldom more than once', () => {
    const commits = fc.shuffledSubarray(
      Array.from({ length: 400 }, (_, n) => n + 1),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(commits, fc.integer({ min: 1, max: 40 }), (order, atOnce) => {
        const visible = new Set<number>();
        const met = new Map<number, number>();
        let place: { serial: bigint; holes: readonly Hole[] } = { serial: 0n, holes: [] };
        for (let at = 0; at < order.length; at += atOnce) {
          for (const serial of order.slice(at, at + atOnce)) visible.add(serial);
          const step = read(visible, place, at);
          for (const serial of step.found) met.set(serial, (met.get(serial) ?? 0) + 1);
          place = step.place;
          expect(place.holes.length).toBeLessThanOrEqual(100);
        }
        expect([...met.keys()].sort((a, b) => a - b)).toEqual([...order].sort((a, b) => a - b));
      }),
    );
  });

  it('are each met once as long as the holes need not be taken together', () => {
    const commits = fc.shuffledSubarray(
      Array.from({ length: 60 }, (_, n) => n + 1),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(commits, (order) => {
        const visible = new Set<number>();
        const met: number[] = [];
        let place: { serial: bigint; holes: readonly Hole[] } = { serial: 0n, holes: [] };
        for (const serial of order) {
          visible.add(serial);
          const step = read(visible, place, 0);
          met.push(...step.found);
          place = step.place;
        }
        expect(met).toEqual(order);
      }),
    );
  });

  it('are given up when their time is over', () => {
    const { place } = read(new Set([5]), { serial: 1n, holes: [] }, 0);
    expect(place.holes).toEqual([{ from: '2', to: '4', until: SETTLE_MS }]);
    expect(followTrail(place.serial, place.holes, SETTLE_MS - 1, SETTLE_MS).holes()).toHaveLength(1);
    expect(followTrail(place.serial, place.holes, SETTLE_MS, SETTLE_MS).holes()).toEqual([]);
  });
});
