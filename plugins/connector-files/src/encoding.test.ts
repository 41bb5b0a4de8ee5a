import { open } from 'node:fs/promises';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { createEncoder } from './sink/spell.js';
import { openSite, signal } from './test/site.js';
import { createTranscoder, encodingOf } from './text/encoding.js';
import { readText } from './text/text-input.js';

/** Private characters whose codes GB18030-2022 gave to real ones. */
const reassigned = [
  0xe5e5, 0xe78d, 0xe78e, 0xe78f, 0xe790, 0xe791, 0xe792, 0xe793, 0xe794, 0xe795, 0xe796, 0xe81e, 0xe826,
  0xe82b, 0xe82c, 0xe832, 0xe843, 0xe854, 0xe864,
];

describe('GB18030', () => {
  it('holds every code point exactly, but for 19 private ones, which are refused', () => {
    const { encode } = createEncoder('gb18030', false);
    const { decode } = createTranscoder('gb18030');
    const refused: number[] = [];
    const step = 256;
    for (let first = 0; first < 0x110000; first += step) {
      if (first >= 0xd800 && first < 0xe000) continue;
      const points = Array.from({ length: step }, (_, at) => first + at);
      const text = String.fromCodePoint(...points);
      const bytes = encode(text);
      if (bytes) expect(decode(bytes)).toBe(text);
      else refused.push(...points.filter((point) => encode(String.fromCodePoint(point)) === undefined));
    }
    expect(refused).toEqual(reassigned);
  });

  it('GBK refuses what takes four bytes, and writes no question mark', () => {
    const { encode } = createEncoder('gbk', false);
    for (const text of ['𠮷', '😀', 'ǹ𠀀', '\ue81e']) expect(encode(text)).toBeUndefined();
    for (const text of ['王', '€', '?', '龍', 'é']) expect(iconv.decode(encode(text)!, 'gbk')).toBe(text);
  });
});

describe('what a file is in', () => {
  it.each([
    ['empty', Buffer.alloc(0), 'utf-8', 0],
    ['ASCII', Buffer.from('id,name\n'), 'utf-8', 0],
    ['UTF-8', Buffer.from('名'), 'utf-8', 0],
    ['UTF-8 with BOM', Buffer.from('\ufeffx'), 'utf-8', 3],
    ['UTF-16LE with BOM', Buffer.from('\ufeffx', 'utf16le'), 'utf-16le', 2],
    ['GBK', iconv.encode('名称', 'gbk'), 'gb18030', 0],
    [
      'GBK after a megabyte of ASCII',
      Buffer.concat([Buffer.alloc(1_000_000, 'x'), iconv.encode('统一社会信用代码', 'gbk')]),
      'gb18030',
      0,
    ],
    ['one lone word of GBK', iconv.encode('惠州', 'gbk'), 'gb18030', 0],
  ])('%s', async (_name, bytes, encoding, bomBytes) => {
    using site = openSite();
    await using file = await open(site.put('a', bytes), 'r');
    expect(await encodingOf(file, 'auto', signal)).toEqual({ encoding, bomBytes });
  });

  it.each(['utf-8', 'gb18030', 'utf-16le', 'utf-16be'] as const)(
    '%s: chunks end with whole lines, whatever is in them',
    async (encoding) => {
      using site = openSite();
      // U+0A0A and U+010A hold the byte of LF without being one
      const lines = Array.from({ length: 60_000 }, (_, n) => `${n}\u0a0a\u010a\u0a01中𠮷\r\n`);
      const encoded = encoding.startsWith('utf-16')
        ? Buffer.from(lines.join(''), 'utf16le')
        : iconv.encode(lines.join(''), encoding);
      const bytes = encoding === 'utf-16be' ? encoded.swap16() : encoded;
      await using file = await open(site.put('a', bytes), 'r');
      const texts: string[] = [];
      for await (const { text, offset, valid } of readText(file, encoding, 0, signal)) {
        expect(valid).toBe(true);
        texts.push(text.toString());
        expect(offset === 0 || bytes.subarray(offset - 4, offset).includes(10)).toBe(true);
      }
      expect(texts.length).toBeGreaterThan(3);
      expect(texts.every((text) => text === '' || text.endsWith('\r\n'))).toBe(true);
      expect(texts.join('')).toBe(lines.join(''));
    },
  );
});
