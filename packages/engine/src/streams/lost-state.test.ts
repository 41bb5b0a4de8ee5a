import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, type Rig, runNow, until, village } from '../doubles/rig.js';
import { engineErrors } from '../errors.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const small = { batchRows: 2, blockBytes: 1 };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const held = () => stored().reduce((sum, batch) => sum + batch.rows, 0);

describe('drift and lost state', () => {
  it('pauses when the table no longer fits, and resume goes on after it was put back', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    rig.source.sourceError = () => engineErrors.STRATEGY_MISSING({ exchange: 'x', strategy: 'column gone' });
    expect(await runNow(provider, 'village-out')).toMatchObject({ problem: { code: 'QZ_ENGINE_DRIFT' } });
    expect(provider.streams.show('village')).toMatchObject({ state: 'paused' });
    rig.source.sourceError = undefined;
    rig.source.put('00', '改');
    provider.streams.resume('village');
    await until('it is sent', () => held() === 10);
  });

  it('opens a new epoch for a change that needs one', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    const narrower = structuredClone(village) as Writable<typeof village>;
    narrower.schemaVersion = 2;
    narrower.items[1]!.length = 10;
    rig.platform.setResource(narrower);
    await runNow(provider, 'village-out');
    expect(await provider.streams.acceptSchema('village', deadline())).toMatchObject({
      stream: { epoch: 2 },
    });
    await until('a new snapshot', () => rig.platform.batchesOf('civil-1', 2).length > 0);
    expect(rig.platform.batchesOf('civil-1', 2)[0]?.manifest.body).toMatchObject({
      seq: 1,
      kind: 'snapshot',
      schemaVersion: 2,
    });
  });

  it('finds that its state was lost, and recover opens an epoch with a snapshot', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    await rig.kill(provider);
    await rm(join(rig.folder, 'civil-1'), { recursive: true });
    const restored = await rig.provider();
    expect(await runNow(restored, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_STATE_BEHIND', kind: 'integrity' },
    });
    expect(restored.streams.show('village')).toMatchObject({ restart: 'qianzhi agent recover' });
    expect(restored.streams.resume('village')).toMatchObject([{ state: 'stopped' }]);
    await restored.streams.recover({ reason: 'disk replaced' }, deadline());
    await until('a new snapshot', () => rig.platform.batchesOf('civil-1', 2).length === 1);
  });

  it('sends again what a restored platform lost', async () => {
    const provider = await rig.provider({ limits: small });
    await runNow(provider, 'village-out');
    const digests = stored().map((batch) => batch.rowsDigest);
    await rig.kill(provider);
    rig.platform.forgetAfter(2);
    const again = await rig.provider({ limits: small });
    await runNow(again, 'village-out');
    expect(stored().map((batch) => batch.rowsDigest)).toEqual(digests);
    expect(again.streams.show('village')).toMatchObject({ receiptedSeq: 5, state: 'running' });
  });

  it('takes a whole copy again when told', async () => {
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    provider.streams.resnapshot('village');
    await runNow(provider, 'village-out');
    expect(stored().map(({ kind, snapshot }) => [kind, snapshot?.last])).toEqual([
      ['snapshot', true],
      ['snapshot', true],
    ]);
  });
});
