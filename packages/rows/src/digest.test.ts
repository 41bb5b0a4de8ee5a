import { expect, it } from 'vitest';
import { bytesDigest, rowsDigest, startRowsDigest } from './digest.js';
import { rowsOf } from './fixtures.js';

const rows = rowsOf(['S', '惠州'], ['S', 'b']);

it('gives one digest for the text in any pieces', () => {
  const digest = rowsDigest({ kind: 'snapshot', schemaVersion: 3 }, rows);
  expect(digest).toMatch(/^sha-256:[\w-]{43}$/);
  for (let cut = 0; cut <= rows.length; cut++) {
    const pieces = startRowsDigest({ kind: 'snapshot', schemaVersion: 3 });
    expect(pieces.update(rows.subarray(0, cut)).update(rows.subarray(cut)).digest()).toBe(digest);
  }
});

it('tells kinds, schema versions and plain bytes apart', () => {
  const digests = [
    rowsDigest({ kind: 'snapshot', schemaVersion: 1 }, rows),
    rowsDigest({ kind: 'delta', schemaVersion: 1 }, rows),
    rowsDigest({ kind: 'snapshot', schemaVersion: 11 }, rows),
    bytesDigest(rows),
  ];
  expect(new Set(digests).size).toBe(digests.length);
});
