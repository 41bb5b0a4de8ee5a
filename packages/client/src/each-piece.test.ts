import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { eachPiece } from './each-piece.js';

it('a piece that is refused is the last one handed on, also where more wait', async () => {
  const body = new Readable({ read() {} });
  for (const text of ['a', 'b', 'c']) body.push(Buffer.from(text));
  body.push(null);
  const taken: string[] = [];
  const refused = eachPiece(body, (piece) => {
    taken.push(Buffer.from(piece).toString());
    throw new Error('too large');
  });
  await expect(refused).rejects.toThrow('too large');
  expect(taken).toEqual(['a']);
  expect(body.destroyed).toBe(true);
});
