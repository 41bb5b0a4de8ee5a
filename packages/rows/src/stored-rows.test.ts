import { isQianzhiError } from '@qianzhi/model';
import { describe, expect, it } from 'vitest';
import { bytesDigest, rowsDigest } from './digest.js';
import { checkRows, openRows, sealRows } from './stored-rows.js';
import { lendBytes, returnBytes } from './thread/lent-bytes.js';
import { decompress } from './zstd/codec.js';

const about = { kind: 'snapshot', schemaVersion: 3 } as const;
/** One stays on this thread, one goes to the other, and one of that size does not compress. */
const blocks = {
  small: Buffer.from('S\t惠州市\t1\n'.repeat(1000)),
  large: Buffer.from('S\t惠州市\t1\n'.repeat(200_000)),
  noise: noisyRows(1_500_000),
};

function noisyRows(bytes: number): Buffer {
  const rows = Buffer.alloc(bytes);
  let x = 1;
  for (let i = 0; i < bytes; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    rows[i] = 33 + ((x >>> 24) % 59);
  }
  const row = 'S\tx\ty\n';
  rows.write(row, bytes - row.length);
  rows.write('S\t', 0);
  rows.write('\t', 1000);
  rows.write('\n', bytes - row.length - 1);
  return rows;
}

async function claimOf(raw: Uint8Array) {
  const sealed = await sealRows(raw, about);
  const { rowsDigest, bytesDigest } = sealed;
  return {
    stored: sealed.stored,
    claim: { ...about, rawBytes: raw.length, rowsDigest, bytesDigest, fields: 2 },
  };
}

describe.each(Object.entries(blocks))('%s rows', (_, raw) => {
  it('are sealed and opened again, both digests true', async () => {
    const { stored, claim } = await claimOf(raw);
    expect(claim.rowsDigest).toBe(rowsDigest(about, raw));
    expect(claim.bytesDigest).toBe(bytesDigest(stored));
    expect(Buffer.compare(await decompress(stored, { rawBytes: raw.length }), raw)).toBe(0);
    const rows = raw.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    const opened = await openRows(stored, claim);
    expect(opened).toMatchObject({ counts: { rows, snapshots: rows } });
    expect('raw' in opened && Buffer.compare(opened.raw, raw)).toBe(0);
    expect(await checkRows(stored, claim)).toEqual({
      counts: { rows, snapshots: rows, upserts: 0, deletes: 0 },
    });
  });

  it('that are not those of the claim are told apart from bytes that are not', async () => {
    const { stored, claim } = await claimOf(raw);
    const other = bytesDigest(Buffer.from('x'));
    for (const open of [openRows, checkRows]) {
      expect(await open(stored, { ...claim, bytesDigest: other })).toEqual({ differs: 'bytes' });
      expect(await open(stored, { ...claim, schemaVersion: 4 })).toEqual({ differs: 'rows' });
    }
  });

  it('that are malformed, or in a wrong frame, are refused with their code and place', async () => {
    const { stored, claim } = await claimOf(raw);
    const refusal = (what: object) =>
      openRows(stored, { ...claim, ...what }).catch((error: unknown) => error);
    const malformed = await refusal({ fields: 3 });
    expect(isQianzhiError(malformed, 'QZ_ROWS_MALFORMED')).toBe(true);
    expect(malformed).toMatchObject({ kind: 'integrity', details: { row: 1 } });
    expect(isQianzhiError(await refusal({ rawBytes: raw.length + 1 }), 'QZ_ROWS_FRAME')).toBe(true);
    expect(isQianzhiError(await refusal({ maxRawBytes: raw.length - 1 }), 'QZ_ROWS_FRAME')).toBe(true);
  });
});

it('many at once are answered each with its own', async () => {
  const claims = await Promise.all(
    Array.from({ length: 6 }, (_, i) => claimOf(Buffer.from(`S\t惠州市\t${i}\n`.repeat(200_000)))),
  );
  const opened = await Promise.all(claims.map(({ stored, claim }) => openRows(stored, claim)));
  for (const [i, one] of opened.entries()) {
    expect('raw' in one && Buffer.from(one.raw).toString('utf8', 0, 14)).toBe(`S\t惠州市\t${i}\n`);
  }
});

it('lent memory is used again once it is returned, and only once', () => {
  const first = lendBytes(3_000_000);
  const second = lendBytes(3_000_000);
  expect(second.buffer).not.toBe(first.buffer);
  returnBytes(first.subarray(5));
  returnBytes(first);
  expect(lendBytes(2_900_000).buffer).toBe(first.buffer);
  expect(lendBytes(2_900_000).buffer).not.toBe(first.buffer);
  returnBytes(Buffer.alloc(10));
});
