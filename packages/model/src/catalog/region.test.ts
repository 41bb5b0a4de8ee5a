import { expect, it } from 'vitest';
import { regionLevel, regionWithin } from './region.js';

it('R015 a region is of a level, and lies in those above it alone', () => {
  expect(['440000', '441300', '441302'].map(regionLevel)).toEqual(['province', 'city', 'county']);
  const within = (code: string) =>
    ['440000', '441300', '441302'].filter((upper) => regionWithin(code, upper));
  expect(within('441302')).toEqual(['440000', '441300', '441302']);
  expect(within('441300')).toEqual(['440000', '441300']);
  expect(within('441303')).toEqual(['440000', '441300']);
  expect(within('320000')).toEqual([]);
});
