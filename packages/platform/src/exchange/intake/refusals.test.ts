import { type BatchManifest, MANIFEST_HEADER } from '@qianzhi/model';
import { compress } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPair, type Rig } from '../test-exchange.js';
import type { Sealer, SealSpec } from '../test-sealer.js';
import { createIntakeRig, type IntakeRig, rows } from './test-intake.js';

let rig: Rig;
let sealer: Sealer;
let send: IntakeRig['send'];
let storedFiles: IntakeRig['storedFiles'];
beforeEach(async () => {
  ({ rig, sealer, send, storedFiles } = await createIntakeRig());
});
afterEach(() => rig.close());

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
