import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Rig, village } from '../test-exchange.js';
import { createSealer, type Sealer, type SealSpec, sendAll } from '../test-sealer.js';
import { createIntakeRig, type IntakeRig, rows } from './test-intake.js';

let rig: Rig;
let sealer: Sealer;
let send: IntakeRig['send'];
beforeEach(async () => {
  ({ rig, sealer, send } = await createIntakeRig());
});
afterEach(() => rig.close());

describe('snapshots', () => {
  const part = (n: number, last = false, totals?: { parts: number; rows: number }, id = 's1'): SealSpec => ({
    rows: [['S', String(n), 'x', null]],
    snapshot: { id, part: n, last, ...(totals ? { totals } : {}) },
  });
  const order = { code: 'QZ_PLATFORM_SNAPSHOT_ORDER', kind: 'integrity' };

  it.each([
    ['a part left out', part(3)],
    ['part 1 again', part(1)],
    ['a part of another snapshot', part(2, false, undefined, 's2')],
    ['totals in the middle', part(2, false, { parts: 2, rows: 2 })],
    ['a last part without totals', part(2, true)],
    ['wrong total rows', part(2, true, { parts: 2, rows: 3 })],
    ['wrong total parts', part(2, true, { parts: 3, rows: 2 })],
    ['a delta inside', { rows: [['U', '1', 'x', null]] } as SealSpec],
  ])('are refused with %s', async (_what, spec) => {
    await send(await sealer.next(part(1)));
    await expect(send(await sealer.peek(spec))).rejects.toMatchObject(order);
    await send(await sealer.next(part(2, true, { parts: 2, rows: 2 })));
  });

  it('keep one schema version', async () => {
    rig.publish(village(2));
    await send(await sealer.next(part(1)));
    const other: SealSpec = { ...part(2), rows: [['S', '2', 'x', null, null]], schemaVersion: 2 };
    await expect(send(await sealer.peek(other))).rejects.toMatchObject(order);
  });

  it('void the parts of an aborted one when the next begins', async () => {
    await send(await sealer.next(part(1)));
    await send(await sealer.next(part(1, true, { parts: 1, rows: 1 }, 's2')));
    const voids = await rig.context.db('batches').orderBy('seq').pluck('void');
    expect(voids.map(Boolean)).toEqual([true, false]);
  });
});

describe('recovery', () => {
  const recovery = (platformSeq: number, rowsDigest: string | null, nextEpoch = 2) => ({
    type: 'recovery' as const,
    stream: sealer.stream,
    ownHead: { seq: 0, rowsDigest: null },
    platformHead: { seq: platformSeq, rowsDigest },
    nextEpoch,
    reason: 'restored from backup',
    issuedAt: new Date().toISOString(),
  });

  it('closes the epoch and opens the next, which begins with a snapshot', async () => {
    const { caller, key } = rig.provider;
    const first = await sealer.next({ rows });
    await send(first);
    const digest = first.signed.body.rowsDigest;
    const recover = (body: ReturnType<typeof recovery>) =>
      rig.exchange.recover(caller, signDocument(body, key));
    const wrong = { code: 'QZ_PLATFORM_RECOVERY_WRONG', kind: 'conflict' };
    await expect(recover(recovery(2, digest))).rejects.toMatchObject(wrong);
    await expect(recover(recovery(1, `sha-256:${'A'.repeat(43)}`))).rejects.toMatchObject(wrong);
    await expect(recover(recovery(1, digest, 1))).rejects.toMatchObject(wrong);
    await expect(
      rig.exchange.recover(caller, signDocument(recovery(1, digest), rig.consumer.key)),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_STREAM_OF_OTHER' });
    expect(await recover(recovery(1, digest))).toMatchObject({ epoch: 2 });
    expect(await recover(recovery(1, digest))).toMatchObject({ epoch: 2 });

    await expect(send(await sealer.next({ rows }))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_EPOCH_CLOSED',
    });
    const duty = rig.giveDuty('village', 'mz-1');
    const next = createSealer({ ...sealer.stream, epoch: 2 }, key, documentDigest(duty, intlSuite));
    await expect(send(await next.peek({ rows }))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SNAPSHOT_ORDER',
    });
    await sendAll(rig.exchange, caller, await next.snapshot('n', [['S', '1', 'x', null]]));
    await expect(recover(recovery(1, digest))).rejects.toMatchObject(wrong);
    expect((await rig.exchange.heads(caller))[0]).toMatchObject({ stream: { epoch: 2 }, head: { seq: 1 } });
    expect(
      (await rig.exchange.streams.streamsOf({ resource: 'village', provider: 'mz' })).map((s) => [
        s.stream.epoch,
        s.state,
      ]),
    ).toEqual([
      [2, 'open'],
      [1, 'closed'],
    ]);
  });

  it('opens an epoch of a stream the platform holds nothing of, while a duty is in force', async () => {
    const { caller, key } = rig.provider;
    const recover = () => rig.exchange.recover(caller, signDocument(recovery(0, null, 3), key));
    rig.endDuty('village', 'mz-1');
    await expect(recover()).rejects.toMatchObject({ code: 'QZ_PLATFORM_STREAM_UNKNOWN' });
    const duty = rig.giveDuty('village', 'mz-1');
    const stream = await recover();
    expect(stream.epoch).toBe(3);
    const next = createSealer(stream, key, documentDigest(duty, intlSuite));
    await sendAll(rig.exchange, caller, await next.snapshot('n', []));
    expect((await rig.exchange.heads(caller))[0]).toMatchObject({ stream: { epoch: 3 }, head: { seq: 1 } });
  });
});
