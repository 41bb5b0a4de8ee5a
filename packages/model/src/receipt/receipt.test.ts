import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deliveryName } from '../batch/delivery.js';
import { streamName } from '../exchange/stream.js';
import { type ApplyCounts, appliedRows, countsBalance, noCounts } from './receipt.js';

const count = fc.nat(1_000_000);
const counts = fc.record({
  delivered: count,
  inserted: count,
  updated: count,
  unchanged: count,
  deleted: count,
  rejected: count,
});

it('delivered = applied + rejected, applied = inserted + updated + unchanged + deleted', () => {
  expect(countsBalance(noCounts)).toBe(true);
  fc.assert(
    fc.property(counts, (some: ApplyCounts) => {
      const delivered = some.inserted + some.updated + some.unchanged + some.deleted + some.rejected;
      expect(appliedRows(some)).toBe(delivered - some.rejected);
      expect(countsBalance({ ...some, delivered })).toBe(true);
      expect(countsBalance({ ...some, delivered: delivered + 1 })).toBe(false);
    }),
  );
});

it('a stream and a delivery have one name each, and no two share one', () => {
  const stream = { resource: 'social_group', agent: 'mz-1', epoch: 2 };
  expect(streamName(stream)).toBe('social_group/mz-1/2');
  expect(deliveryName({ agreement: 'a-1', grantVersion: 3, stream })).toBe('a-1/3/social_group/mz-1/2');
  expect(streamName({ ...stream, epoch: 3 })).not.toBe(streamName(stream));
});
