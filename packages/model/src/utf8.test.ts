import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUtf8 } from './utf8.js';

describe('readUtf8', () => {
  it('answers any text as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.startsWith('\ufeff'));
        expect(readUtf8(Buffer.from(text))).toEqual({ text });
      }),
    );
    expect(readUtf8(Buffer.from('\ufeffname: 桥东'))).toEqual({ text: 'name: 桥东' });
  });

  it('names the first line that is something else', () => {
    const gbk = Buffer.from([0xc7, 0xc5]);
    for (const line of [1, 2, 5]) {
      const before = Buffer.from('民政: 1\n'.repeat(line - 1));
      expect(readUtf8(Buffer.concat([before, gbk, Buffer.from('\nx: 1\n')]))).toEqual({ wrongLine: line });
      expect(readUtf8(Buffer.concat([before, gbk]))).toEqual({ wrongLine: line });
    }
  });
});
