import type { Exchange } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { consumeVillage, supplyVillage } from '../doubles/rig.js';
import { alongsideOf } from './alongside.js';

it('tells the others of the same connector that follow its log, by their receipts, as the config is now', () => {
  const supply = (code: string, more: object = {}): Exchange => ({
    ...supplyVillage,
    name: `${code}-out`,
    supply: code,
    strategy: 'log',
    source: { table: code },
    ...more,
  });
  const others = [
    supply('begun'),
    supply('new'),
    supply('first'),
    supply('elsewhere', { connector: 'other' }),
    supply('by-time', { strategy: 'watermark' }),
  ];
  let exchanges: readonly Exchange[] = [supply('own'), consumeVillage, ...others];
  const places = new Map([
    ['begun', { checkpoint: 'sealed', committed: 'receipted' }],
    ['first', { checkpoint: 'sealed', committed: null }],
  ]);
  const alongside = alongsideOf({
    agent: 'civil-1',
    connector: 'source',
    except: 'own',
    exchanges: () => exchanges,
    placeOf: (resource) => places.get(resource),
  });
  expect(alongside.name).toBe('civil-1/source');
  expect(alongside.others()).toEqual([
    { resource: 'begun', source: { table: 'begun' }, checkpoint: 'receipted' },
    { resource: 'new', source: { table: 'new' }, checkpoint: undefined },
    { resource: 'first', source: { table: 'first' }, checkpoint: 'sealed' },
  ]);
  exchanges = [supply('own'), supply('new')];
  expect(alongside.others().map(({ resource }) => resource)).toEqual(['new']);
});
