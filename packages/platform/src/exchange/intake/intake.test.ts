import type { FileHandle } from 'node:fs/promises';
import { agentRoutes, checkShape } from '@qianzhi/model';
import { documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlatformFailpoint } from '../../server/failpoint.js';
import { realDisk } from '../store/disk.js';
import type { Rig } from '../test-exchange.js';
import { type Sealed, type Sealer, sendAll } from '../test-sealer.js';
import { createIntakeRig, type IntakeRig, rows } from './test-intake.js';

let rig: Rig;
let sealer: Sealer;
let send: IntakeRig['send'];
let storedFiles: IntakeRig['storedFiles'];
beforeEach(async () => {
  ({ rig, sealer, send, storedFiles } = await createIntakeRig());
});
afterEach(() => rig.close());

describe('intake', () => {
  it('stores a batch and answers a signed receipt, chained to the one before', async () => {
    const [first, second] = await sendAll(rig.exchange, rig.provider.caller, [
      await sealer.next({ rows }),
      await sealer.next({ rows: [['D', '110101001001', null, null]] }),
    ]);
    checkShape(agentRoutes.sendBatch.response, first, 'receipt');
    verifyDocument(second!, await rig.context.keys.all(), new Date().toISOString());
    expect(first!.body).toMatchObject({
      stage: 'stored',
      issuer: 'platform',
      seqFrom: 1,
      seqTo: 1,
      rows: 2,
      previous: null,
    });
    expect(second!.body.previous).toBe(documentDigest(first!, intlSuite));
    expect(await rig.exchange.heads(rig.provider.caller)).toEqual([
      { stream: sealer.stream, head: { seq: 2, rowsDigest: second!.body.rowsDigests[0] } },
    ]);
    const { storedReceipts } = rig.exchange;
    expect(await storedReceipts(rig.provider.caller, 'village', 1, 1, 10)).toEqual([second]);
  });

  it('answers a repeat with the same receipt, byte for byte, even sealed anew and after a restart', async () => {
    const sealed = await sealer.peek({ rows });
    const again = await sealer.peek({ rows, change: { sealedAt: '2026-01-01T00:00:00Z' } });
    const receipt = JSON.stringify(await send(sealed));
    expect(JSON.stringify(await send(sealed))).toBe(receipt);
    await rig.restart();
    expect(JSON.stringify(await send(again))).toBe(receipt);
    expect(await rig.context.db('batches')).toHaveLength(1);
    expect(await rig.context.db('receipts')).toHaveLength(1);
  });

  it('commits a batch only when its bytes survive loss of power', async () => {
    const passed: string[] = [];
    const sync = async (file: FileHandle, bytes: number) => {
      await realDisk.sync(file, bytes);
      passed.push('synced');
    };
    await rig.restart({ disk: { ...realDisk, sync } });
    Object.assign(rig.context, { failpoint: (name: PlatformFailpoint) => void passed.push(name) });
    await send(await sealer.next({ rows }));
    await send(await sealer.next({ rows }));
    expect(passed.slice(-5)).toEqual([
      'intake:before-store',
      'intake:bytes-written',
      'synced',
      'intake:bytes-stored',
      'intake:recorded',
    ]);
  });

  it('stores a batch once when it is sent several times at once', async () => {
    const sealed = await sealer.next({ rows });
    const receipts = await Promise.all(Array.from({ length: 5 }, () => send(sealed)));
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
    expect(await rig.context.db('stored_bytes')).toHaveLength(1);
  });

  it('refuses other content under a stored identity, and raises it', async () => {
    await send(await sealer.peek({ rows }));
    const other = await sealer.peek({ rows: [['U', '1', 'x', null]] });
    await expect(send(other)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_BATCH_CONFLICT',
      kind: 'integrity',
    });
    expect(await rig.audited()).toContainEqual({
      action: 'batch.store',
      outcome: 'failed',
      code: 'QZ_PLATFORM_BATCH_CONFLICT',
    });
  });

  it('puts batches that overtook each other back in order', async () => {
    await rig.restart({ orderWaitMs: 10_000 });
    const batches: Sealed[] = [];
    for (let i = 0; i < 8; i++) batches.push(await sealer.next({ rows: [['U', String(i), 'x', null]] }));
    const receipts = await Promise.all([...batches].reverse().map(send));
    expect(receipts.reverse().map((receipt) => receipt.body.seqFrom)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('names the expected batch when one is missing, at once or after a short wait', async () => {
    const batches: Sealed[] = [];
    for (let i = 0; i < 12; i++) batches.push(await sealer.next({ rows: [['U', String(i), 'x', null]] }));
    const gap = { code: 'QZ_PLATFORM_SEQUENCE_GAP', kind: 'conflict', details: { expected: 1 } };
    await expect(send(batches[11]!)).rejects.toMatchObject(gap);
    await expect(send(batches[1]!)).rejects.toMatchObject(gap);
    expect(await storedFiles()).toEqual([]);
  });

  it('bounds what one agent may have under way', async () => {
    const late = await Promise.all(
      Array.from({ length: 40 }, () => sealer.peek({ rows, change: { seq: 3 } })),
    );
    const codes = (await Promise.allSettled(late.map(send))).map(
      (result) => result.status === 'rejected' && result.reason.code,
    );
    expect(new Set(codes)).toEqual(new Set(['QZ_PLATFORM_STREAM_BUSY', 'QZ_PLATFORM_SEQUENCE_GAP']));
  });

  it('takes a batch sealed under an earlier duty while one is in force', async () => {
    const sealed = await sealer.next({ rows });
    rig.giveDuty('village', 'mz-1');
    await send(sealed);
    const next = await sealer.next({ rows });
    rig.endDuty('village', 'mz-1');
    const refusal = await send(next).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'QZ_PLATFORM_DUTY_MISSING', kind: 'denied' });
    for (const command of [
      '`qianzhi catalog review village --result passed`',
      '`qianzhi catalog supply village --agent mz-1`',
      '`qianzhi stream resume village`',
    ])
      expect(refusal.texts.en.hint).toContain(command);
  });

  it('stores nothing when the commit fails, leaves no file behind, and takes the same batch afterwards', async () => {
    const { db } = rig.context;
    const sealed = await sealer.next({ rows });
    await db.schema.renameTable('receipts', 'elsewhere');
    await expect(send(sealed)).rejects.toThrow('receipts');
    for (const table of ['batches', 'streams', 'stored_bytes', 'elsewhere'])
      expect(await db(table)).toEqual([]);
    await db.schema.renameTable('elsewhere', 'receipts');
    await rig.restart();
    expect(await storedFiles()).toEqual([]);
    expect((await send(sealed)).body.seqTo).toBe(1);
  });

  it('names a bad row of a large batch by its number in the whole batch', async () => {
    const good = Buffer.from('U\t110101\t村名\t13800138000\n'.repeat(90_000));
    const raw = Buffer.concat([good, Buffer.from('U\tx\n')]);
    const sealed = await sealer.peek({ rows, raw, change: { rows: 90_001, read: 90_001 } });
    await expect(send(sealed)).rejects.toMatchObject({ code: 'QZ_ROWS_MALFORMED', details: { row: 90_001 } });
  });

  it('is unavailable while the disk is full and takes the same batch afterwards', async () => {
    const { realDisk } = await import('../store/disk.js');
    let full = true;
    const disk = {
      ...realDisk,
      async write(...args: Parameters<typeof realDisk.write>) {
        if (full) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        await realDisk.write(...args);
      },
    };
    await rig.restart({ disk });
    const sealed = await sealer.next({ rows });
    await expect(send(sealed)).rejects.toMatchObject({ code: 'QZ_PLATFORM_STORE_FULL', kind: 'unavailable' });
    full = false;
    expect((await send(sealed)).body.seqTo).toBe(1);
  });
});
