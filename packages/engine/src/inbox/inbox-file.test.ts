import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileOf, placeOf } from './inbox-file.js';

it('a file name holds all that is known, and three folders deep, whatever the names are', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, text, fc.integer({ min: 1 }), fc.nat(), (exchange, delivery, seq, rows) => {
      const place = { exchange: `e${exchange}`, delivery: `d${delivery}` };
      const batch = { seq, rows, rowsDigest: 'sha-256:ab_-9' };
      const file = fileOf(place, batch);
      expect(file.split('/')).toHaveLength(3);
      expect(placeOf(file)).toEqual({ place, batch });
    }),
  );
});

it.each([
  '1.2.d.zst',
  'e/d/x.2.d.zst',
  'e/d/1.2.d.zst.part',
  'e/d/f/1.2.d.zst',
  'e/%E0/1.2.d.zst',
  'e/d/0.2.d.zst',
])('%s is no file of the inbox', (name) => expect(placeOf(name)).toBeUndefined());
