import { describe, expect, it } from 'vitest';
import { sourceErrors } from '../errors/source-errors.js';
import { checkpointOf, type Place, placeOf } from './checkpoint.js';
import { copyStart, type TableCopy } from './copy.js';

const table = {
  strategy: 'watermark',
  resource: 'area',
  table: { name: 't', primaryKey: [] },
  errors: sourceErrors,
};
const unordered: TableCopy = { order: [], async *stretches() {} };
const clocks = { databaseMs: 1, agentMs: 2 };
const places: readonly Place[] = [
  { phase: 'done' },
  { phase: 'snapshot', order: ['id'], after: ['7', null] },
  copyStart(unordered, { phase: 'watermark', mark: null, clocks, seen: '', seenTo: null }),
  { phase: 'changes', serial: '9', holes: [{ from: '3', to: '4', before: '8', seenMs: 5 }] },
];

describe('a checkpoint', () => {
  it.each(places)('gives back its place: $phase', (place) => {
    expect(placeOf(checkpointOf('watermark', place), table)).toMatchObject(place);
    expect(placeOf(undefined, table)).toBeUndefined();
  });

  it.each([
    ['of another strategy', checkpointOf('snapshot', { phase: 'done' })],
    ['that is no JSON', 'garbage'],
    ['that is nothing', 'null'],
    ['of a later version', '{"v":2,"strategy":"watermark","phase":"done"}'],
    ['of a phase that is not known', '{"v":1,"strategy":"watermark","phase":"constructor"}'],
    [
      'without the order of its walk',
      '{"v":1,"strategy":"watermark","phase":"snapshot","next":{"phase":"done"}}',
    ],
    ['without clocks', '{"v":1,"strategy":"watermark","phase":"watermark","mark":null,"seen":""}'],
    [
      'whose increment has none',
      '{"v":1,"strategy":"watermark","phase":"snapshot","order":[],"then":{"phase":"watermark","mark":"1"}}',
    ],
    [
      'whose holes are of another form',
      '{"v":1,"strategy":"watermark","phase":"changes","serial":"9","holes":[{"from":"3","to":"4","until":5}]}',
    ],
  ])('%s is refused, and the error says how to start over', (_, checkpoint) => {
    expect(() => placeOf(checkpoint, table)).toThrow(
      expect.objectContaining({
        code: 'QZ_SQL_CHECKPOINT_UNKNOWN',
        hint: expect.stringContaining('qianzhi stream resnapshot area'),
      }),
    );
  });
});
