import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { lendBody } from './lend-body.js';
import { LENT_FROM_BYTES } from './lent-bytes.js';

const MiB = 1024 * 1024;

test.each([
  ['as long as was told', 3 * MiB],
  ['longer than was told', 1000],
  ['shorter than was told', 5 * MiB],
  ['of which nothing was told', 0],
])('a body is put together from its pieces: %s', (_, told) => {
  const body = lendBody(told);
  expect(body.bytes).toHaveLength(0);
  const pieces = Array.from({ length: 48 }, () => randomBytes(64 * 1024));
  for (const piece of pieces) body.take(piece);
  expect(Buffer.compare(body.bytes, Buffer.concat(pieces))).toBe(0);
  expect(body.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('a small body is in memory of its own', () => {
  const body = lendBody(LENT_FROM_BYTES - 1);
  body.take(Buffer.from('ab'));
  body.take(Buffer.alloc(0));
  body.take(Buffer.from('c'));
  expect(Buffer.from(body.bytes).toString()).toBe('abc');
  expect(body.bytes.buffer).toBeInstanceOf(ArrayBuffer);
});
