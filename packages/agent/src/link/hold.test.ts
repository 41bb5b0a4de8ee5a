import { expect, it } from 'vitest';
import { createHold } from './hold.js';

const minute = 60_000;

it('asks for a third of the lease at most, and never for longer than gateways let a quiet request live', () => {
  const hold = createHold();
  for (let turn = 0; turn < 100; turn++) {
    expect(hold.waitMs(minute)).toBeGreaterThanOrEqual(16_000);
    expect(hold.waitMs(minute)).toBeLessThanOrEqual(20_000);
    expect(hold.waitMs(60 * minute)).toBeLessThanOrEqual(25_000);
  }
});

it('a way that cuts requests gets shorter ones, then none for ten minutes', () => {
  let now = 0;
  const hold = createHold(() => now);
  const asked: number[] = [];
  for (let wait = hold.waitMs(minute); wait > 0; wait = hold.waitMs(minute)) {
    asked.push(wait);
    hold.cut(wait);
  }
  expect(asked.length).toBeLessThanOrEqual(5);
  for (const [turn, wait] of asked.slice(1).entries()) expect(wait).toBeLessThanOrEqual(asked[turn]! / 2);
  now += 9 * minute;
  expect(hold.waitMs(minute)).toBe(0);
  now += minute;
  expect(hold.waitMs(minute)).toBeGreaterThanOrEqual(16_000);
});

it('and long ones again when the line was away and came back', () => {
  const hold = createHold();
  hold.cut(2_000);
  expect(hold.waitMs(minute)).toBe(0);
  hold.reset();
  expect(hold.waitMs(minute)).toBeGreaterThanOrEqual(16_000);
});

it('a platform that is restarted says nothing of the way; one that answers early again and again is asked for less', () => {
  let now = 0;
  const hold = createHold(() => now);
  hold.early(18_000);
  expect(hold.waitMs(minute)).toBeGreaterThanOrEqual(16_000);
  now += 5 * minute;
  hold.early(18_000);
  expect(hold.waitMs(minute)).toBeGreaterThanOrEqual(16_000);
  now += 1_000;
  hold.early(18_000);
  expect(hold.waitMs(minute)).toBeLessThanOrEqual(9_000);
});
