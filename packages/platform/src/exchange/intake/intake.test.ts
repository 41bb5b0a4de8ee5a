import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { agentRoutes, type BatchManifest, checkShape, MANIFEST_HEADER } from '@qianzhi/model';
import { documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';
import { compress } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, newPair, type Rig, village } from '../test-exchange.js';
import {
  createSealer,
  type Sealed,
  type Sealer,
  type SealSpec,
  sendAll,
  type TestRow,
} from '../test-sealer.js';

let rig: Rig;
let sealer: Sealer;
beforeEach(async () => {
  rig = await createRig();
  const duty = rig.giveDuty('village', 'mz-1');
  const stream = { resource: 'village', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
});
afterEach(() => rig.close());

const rows: TestRow[] = [
  ['U', '110101001001', '多福巷', null],
  ['U', '110101001002', '银闸', '010-1'],
];
const send = (batch: Sealed) => rig.exchange.sendBatch(rig.provider.caller, batch);
const storedFiles = async () =>
  (await Promise.all(['files', 'segments'].map((f) => readdir(join(rig.folder, 'batches', f))))).flat();

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
    await expect(send(next)).rejects.toMatchObject({ code: 'QZ_PLATFORM_DUTY_MISSING', kind: 'denied' });
  });

  it('stores nothing when the commit fails, leaves no file behind, and takes the same batch afterwards', async () => {
    const { db } = rig.context;
    const sealed = await sealer.next({ rows });
    await db.raw("create trigger broken before insert on receipts begin select raise(abort, 'broken'); end");
    await expect(send(sealed)).rejects.toThrow('broken');
    for (const table of ['batches', 'streams', 'stored_bytes', 'receipts'])
      expect(await db(table)).toEqual([]);
    await db.raw('drop trigger broken');
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

describe('a hostile or broken provider is refused, and nothing is stored', () => {
  const cases: [what: string, code: string, spec: () => SealSpec | Promise<SealSpec>][] = [
    ['a shifted column', 'QZ_ROWS_MALFORMED', () => ({ rows, raw: Buffer.from('U\t1\tx\nU\t2\ty\tz\ta\n') })],
    ['a missing field', 'QZ_ROWS_MALFORMED', () => ({ rows, raw: Buffer.from('U\t1\tx\nU\t2\ty\n') })],
    [
      'an unknown escape',
      'QZ_ROWS_MALFORMED',
      () => ({ rows, raw: Buffer.from('U\t1\t\\x\t\\N\nU\t2\ty\tz\n') }),
    ],
    [
      'invalid UTF-8',
      'QZ_ROWS_MALFORMED',
      () => ({ rows, raw: Buffer.from('U\t1\t\xff\t\\N\nU\t2\ty\tz\n', 'latin1') }),
    ],
    ['an unknown op', 'QZ_ROWS_MALFORMED', () => ({ rows, raw: Buffer.from('X\t1\tx\ty\nU\t2\ty\tz\n') })],
    ['a snapshot row in a delta', 'QZ_PLATFORM_OP_WRONG', () => ({ rows: [['S', '1', 'x', null]] })],
    [
      'a delete in a snapshot',
      'QZ_PLATFORM_OP_WRONG',
      () => ({ rows: [['D', '1', null, null]], snapshot: { id: 's', part: 1, last: false } }),
    ],
    ['a forged row count', 'QZ_PLATFORM_ROWS_COUNT', () => ({ rows, change: { rows: 3, read: 3 } })],
    [
      'counts that do not balance',
      'QZ_PLATFORM_COUNTS_UNBALANCED',
      () => ({ rows, change: { rejected: 1 } }),
    ],
    [
      'a decompression bomb',
      'QZ_ROWS_FRAME',
      async () => ({
        rows,
        bytes: await compress(Buffer.alloc(17 * 1024 * 1024)),
        change: { rawBytes: 16 * 1024 * 1024 },
      }),
    ],
    [
      'a raw size over the cap',
      'QZ_PLATFORM_BATCH_SIZE',
      () => ({ rows, change: { rawBytes: 17 * 1024 * 1024 } }),
    ],
    ['another stored size', 'QZ_PLATFORM_BATCH_SIZE', () => ({ rows, change: { storedBytes: 1 } })],
    [
      'another bytes digest',
      'QZ_PLATFORM_BYTES_DIFFER',
      () => ({ rows, change: { bytesDigest: `sha-256:${'A'.repeat(43)}` } }),
    ],
    [
      'another rows digest',
      'QZ_PLATFORM_ROWS_DIFFER',
      () => ({ rows, change: { rowsDigest: `sha-256:${'A'.repeat(43)}` } }),
    ],
    [
      'another previous digest',
      'QZ_PLATFORM_PREVIOUS_DIFFERS',
      () => ({ rows, change: { previous: `sha-256:${'A'.repeat(43)}` } }),
    ],
    ['an unknown schema version', 'QZ_PLATFORM_SCHEMA_UNKNOWN', () => ({ rows, schemaVersion: 9 })],
    ['a duty never given', 'QZ_PLATFORM_DUTY_DIFFERS', () => ({ rows, change: { dutyDigest: null } })],
    ['files', 'QZ_PLATFORM_KIND_UNSUPPORTED', () => ({ rows, change: { kind: 'files' } })],
    ['a seq beyond the window', 'QZ_PLATFORM_SEQUENCE_GAP', () => ({ rows, change: { seq: 10 } })],
    [
      'an epoch never opened',
      'QZ_PLATFORM_EPOCH_UNKNOWN',
      () => ({ rows, change: { stream: { ...sealer.stream, epoch: 2 } } }),
    ],
    [
      'the stream of another agent',
      'QZ_PLATFORM_STREAM_OF_OTHER',
      () => ({ rows, change: { stream: { ...sealer.stream, agent: 'ga-1' } } }),
    ],
    [
      'a resource without a duty of this agent',
      'QZ_PLATFORM_DUTY_MISSING',
      () => ({ rows, change: { stream: { ...sealer.stream, resource: 'secret' } } }),
    ],
    ['an unregistered key', 'QZ_MODEL_KEY_UNKNOWN', () => ({ rows, key: newPair().key })],
    ["another agent's key", 'QZ_PLATFORM_MANIFEST_SIGNER', () => ({ rows, key: rig.consumer.key })],
    [
      'a snapshot without part',
      'QZ_PLATFORM_SNAPSHOT_ORDER',
      () => ({ rows: [], snapshot: { id: 's', part: 2, last: false } }),
    ],
  ];
  it.each(cases)('%s: %s', async (_what, code, spec) => {
    const sealed = await sealer.peek(await spec());
    await expect(send(sealed)).rejects.toMatchObject({ code });
    expect(await rig.context.db('batches')).toEqual([]);
    expect(await rig.context.db('streams')).toEqual([]);
    expect(await storedFiles()).toEqual([]);
  });

  it('a manifest sent to another address', async () => {
    const sealed = await sealer.peek({ rows });
    const moved = { ...sealed, path: { ...sealed.path, seq: 2 } };
    await expect(send(moved)).rejects.toMatchObject({ code: 'QZ_PLATFORM_BATCH_PATH' });
  });

  it('a manifest changed after it was signed', async () => {
    const sealed = await sealer.peek({ rows });
    const forged = { ...sealed.signed, body: { ...sealed.signed.body, flagged: 7 } };
    const headers = { [MANIFEST_HEADER]: Buffer.from(JSON.stringify(forged)).toString('base64url') };
    await expect(send({ ...sealed, headers })).rejects.toMatchObject({ code: 'QZ_MODEL_SIGNATURE_WRONG' });
  });

  it('a manifest that is missing, no JSON or of another shape', async () => {
    const sealed = await sealer.peek({ rows });
    for (const header of [
      undefined,
      'x',
      Buffer.from('{"body":1}').toString('base64url'),
      'A'.repeat(20_000),
    ]) {
      await expect(send({ ...sealed, headers: { [MANIFEST_HEADER]: header } })).rejects.toMatchObject({
        code: 'QZ_PLATFORM_MANIFEST_UNREADABLE',
      });
    }
  });

  it('a key that had ended when the batch was sealed', async () => {
    const ended = new Date(Date.now() - 1000).toISOString();
    await rig.context.keys.end(rig.provider.key.keyId, ended, 'rotated');
    await expect(send(await sealer.peek({ rows }))).rejects.toMatchObject({ code: 'QZ_MODEL_KEY_EXPIRED' });
  });

  it('the id of another batch', async () => {
    const first = await sealer.next({ rows });
    await send(first);
    const taken: Partial<BatchManifest> = { id: first.signed.body.id };
    await expect(send(await sealer.next({ rows: [], change: taken }))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_BATCH_CONFLICT',
    });
  });
});

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
    expect(voids).toEqual([1, 0]);
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
    const { signDocument } = await import('@qianzhi/model/crypto');
    const { caller, key } = rig.provider;
    const first = await sealer.next({ rows });
    await send(first);
    const digest = first.signed.body.rowsDigest;
    const recover = (body: ReturnType<typeof recovery>) =>
      rig.exchange.recover(caller, signDocument(body, key));
    const wrong = { code: 'QZ_PLATFORM_RECOVERY_WRONG', kind: 'conflict' };
    await expect(recover(recovery(0, null))).rejects.toMatchObject(wrong);
    await expect(recover(recovery(1, digest, 3))).rejects.toMatchObject(wrong);
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
    expect((await rig.exchange.streams.streamsOf('village')).map((s) => [s.stream.epoch, s.state])).toEqual([
      [2, 'open'],
      [1, 'closed'],
    ]);
  });
});
