import { expect, it } from 'vitest';
import { counted } from './counted.js';

it('one is one, and none or several are many', () => {
  expect([0, 1, 2].map((count) => counted(count, 'dead letter'))).toEqual([
    '0 dead letters',
    '1 dead letter',
    '2 dead letters',
  ]);
  expect(counted(1, 'delivery', 'deliveries')).toBe('1 delivery');
  expect(counted(3, 'delivery', 'deliveries')).toBe('3 deliveries');
});
