import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, runNow } from './doubles/rig.js';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(() => rig.cleanup());

function rows(table: Rig['source']): Record<string, unknown> {
  return Object.fromEntries([...table.rows].sort());
}

describe('from one table to another', () => {
  it('sends a snapshot, then only changes, and both sides hold the receipts', async () => {
    for (let i = 0; i < 7; i++) rig.source.put(`0${i}`, `村${i}`);
    const provider = await rig.provider();
    const first = await runNow(provider, 'village-out');
    expect(first).toMatchObject({ state: 'done', summary: { read: 7, stored: 7, rejected: 0 } });

    const consumer = await rig.consumer();
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      state: 'done',
      summary: { delivered: 7, inserted: 7 },
    });
    expect(rows(rig.target)).toEqual(rows(rig.source));

    rig.source.put('00', '改名');
    rig.source.put('00', '再改');
    rig.source.remove('01');
    expect(await runNow(provider, 'village-out')).toMatchObject({
      summary: { read: 2, stored: 2, repeated: 1 },
    });
    expect(await runNow(consumer, 'village-in')).toMatchObject({
      summary: { delivered: 2, updated: 1, deleted: 1 },
    });
    expect(rows(rig.target)).toEqual(rows(rig.source));
    const stages = rig.platform.acknowledged.map(({ body }) => [body.stage, body.seqFrom, body.seqTo]);
    expect(stages).toEqual([
      ['applied', 1, 1],
      ['applied', 2, 2],
    ]);
    expect(rig.source.confirmed.length).toBeGreaterThan(0);
    expect(await provider.receipts.list()).toHaveLength(2);
  });
});
