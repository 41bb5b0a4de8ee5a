import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { isQianzhiError } from '@qianzhi/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowLimits } from '../limits.js';
import { frameProblems } from '../problems.js';
import { compress, compressOrKeep, decompress } from './codec.js';
import { plainFrame, readFrameHeader, withContentSize } from './frame.js';

const bindings = createRequire(import.meta.url)('@mongodb-js/zstd/bindings.js') as {
  compress(raw: Buffer, level: number): Promise<Buffer>;
  decompress(stored: Buffer): Promise<Buffer>;
};

/** A frame whose header has a window and four bytes of size, whichever library this Node has: a layout to damage. */
async function windowed(raw: Buffer): Promise<Buffer> {
  return Buffer.concat(withContentSize(await bindings.compress(raw, 1), raw.length));
}

async function refusal(frame: Uint8Array, rawBytes: number, maxRawBytes?: number): Promise<unknown> {
  try {
    await decompress(frame, { rawBytes, maxRawBytes });
  } catch (error) {
    if (isQianzhiError(error, 'QZ_ROWS_FRAME')) return error.details.problem;
    throw error;
  }
  return undefined;
}

describe('a frame of ours', () => {
  it.each([0, 1, 255, 256, 65_535, 65_536, 131_072, 131_073, 1_000_003])(
    'carries %i bytes',
    async (length) => {
      const raw = Buffer.alloc(length, '惠州市U\t91350100M000100Y43\n');
      const frame = await compress(raw);
      expect(readFrameHeader(frame).contentBytes).toBe(length);
      expect(Buffer.compare(await decompress(frame, { rawBytes: length }), raw)).toBe(0);
    },
  );

  it('carries any bytes, those that do not compress too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (raw) => {
        expect(Buffer.from(await decompress(await compress(raw), { rawBytes: raw.length }))).toEqual(
          Buffer.from(raw),
        );
      }),
    );
    const noise = Buffer.alloc(3_000_000);
    let x = 1;
    for (let i = 0; i < noise.length; i++) {
      x = (Math.imul(x, 1664525) + 1013904223) | 0;
      noise[i] = x >>> 24;
    }
    expect(Buffer.compare(await decompress(await compress(noise), { rawBytes: noise.length }), noise)).toBe(
      0,
    );
  });

  it('carries a batch at the limit and no byte more', async () => {
    const raw = Buffer.alloc(rowLimits.batchRawBytes + 1, 'x');
    const most = raw.subarray(1);
    expect((await decompress(await compress(most), { rawBytes: most.length })).length).toBe(most.length);
    expect(await refusal(await compress(raw), raw.length)).toMatch(/cap/);
  });
});

describe('a hostile frame is refused:', () => {
  const raw = Buffer.from('U\t惠州\n'.repeat(5000));

  it('a bomb, by its declared size', async () => {
    const bomb = await compress(Buffer.alloc(64 << 20));
    expect(await refusal(bomb, 64 << 20)).toMatch(/cap/);
    expect(await refusal(bomb, 1000)).toMatch(/cap/);
    expect(await refusal(bomb, 1000, 1 << 30)).toMatch(/not the declared/);
  });

  it('a bomb that lies about its size, before it is decoded', async () => {
    const lying = await windowed(Buffer.alloc(64 << 20));
    lying.writeUInt32LE(1000, 6);
    expect(await refusal(lying, 1000)).toMatch(/blocks/);
  });

  it('one that says more than it holds', async () => {
    const lying = await windowed(raw);
    lying.writeUInt32LE(raw.length + 1, 6);
    expect(await refusal(lying, raw.length + 1)).toMatch(/damaged|declared/);
    lying.writeUInt32LE(1 << 23, 6);
    expect(await refusal(lying, 1 << 23)).toMatch(/blocks/);
  });

  it('no content size', async () => {
    expect(await refusal(await bindings.compress(raw, 1), raw.length)).toMatch(/content size/);
  });

  it('two frames, a skippable frame, trailing bytes', async () => {
    const frame = await compress(raw);
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0]);
    expect(await refusal(Buffer.concat([frame, frame]), raw.length)).toMatch(/follow/);
    expect(await refusal(Buffer.concat([frame, skippable]), raw.length)).toMatch(/follow/);
    expect(await refusal(Buffer.concat([skippable, frame]), raw.length)).toMatch(/begin/);
    expect(await refusal(Buffer.concat([frame, Buffer.from([0])]), raw.length)).toMatch(/follow/);
  });

  it('a dictionary, a reserved bit, a huge window', async () => {
    const frame = await windowed(raw);
    const withBits = (at: number, bits: number) => {
      const changed = Buffer.from(frame);
      changed[at]! |= bits;
      return changed;
    };
    expect(await refusal(withBits(4, 0b01), raw.length)).toMatch(/dictionary/);
    expect(await refusal(withBits(4, 0b1000), raw.length)).toMatch(/reserved/);
    expect(await refusal(withBits(5, 0b1111_1000), raw.length)).toMatch(/window/);
  });

  it('every truncation', async () => {
    const frame = await compress(Buffer.from('U\t惠州\nU\tx\n'.repeat(20)));
    for (let length = 0; length < frame.length; length++) {
      expect(await refusal(frame.subarray(0, length), 260), `${length} bytes`).toBeDefined();
    }
  });

  it('every flipped bit gives other bytes or an error, and never more than was declared', async () => {
    const text = Buffer.from('U\t惠州\nU\tx\n'.repeat(20));
    const frame = await compress(text);
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = Buffer.from(frame);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      try {
        const found = await decompress(changed, { rawBytes: text.length });
        expect(found.length).toBe(text.length);
      } catch (error) {
        expect(isQianzhiError(error, 'QZ_ROWS_FRAME'), `bit ${bit}`).toBe(true);
      }
    }
  });

  it('any bytes at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        expect(await refusal(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...bytes), 1_000_000)).toBeDefined();
      }),
    );
  });
});

it('adds the content size to a frame that leaves it out, once', async () => {
  const raw = Buffer.from('惠州'.repeat(100));
  const frame = await windowed(raw);
  expect(withContentSize(frame, raw.length)).toEqual([frame]);
  expect(Buffer.from(await decompress(frame, { rawBytes: raw.length }))).toEqual(raw);
});

describe('content that does not shrink', () => {
  const noise = (length: number) => randomBytes(length);

  it.each([300_000, 131_072 * 3, 131_072 * 3 + 1])('of %i bytes is framed as it is', async (length) => {
    const raw = noise(length);
    const pieces = await compressOrKeep(raw);
    expect(pieces.filter((piece) => piece.buffer === raw.buffer)).not.toHaveLength(0);
    const frame = Buffer.concat(pieces);
    expect(frame.length).toBe(length + 9 + 3 * Math.ceil(length / 131_072));
    expect(raw.equals(await decompress(frame, { rawBytes: length }))).toBe(true);
    // whatever reads zstd reads it
    expect(raw.equals(await bindings.decompress(frame))).toBe(true);
    expect(await refusal(frame.subarray(0, -1), length)).toBeDefined();
    expect(await refusal(frame, length + 1)).toBeDefined();
  });

  it('is compressed where a part of it does', async () => {
    const raw = Buffer.concat([noise(200_000), Buffer.alloc(400_000, 'U\t惠州\n')]);
    const frame = Buffer.concat(await compressOrKeep(raw));
    expect(frame.length).toBeLessThan(raw.length / 2);
    expect(raw.equals(await decompress(frame, { rawBytes: raw.length }))).toBe(true);
  });

  it('is refused where its blocks hold more than its header says', async () => {
    const raw = noise(2000);
    const frame = Buffer.concat(plainFrame(raw));
    frame.writeUInt32LE(1000, 5);
    expect(await refusal(frame, 1000)).toBe(frameProblems.otherSize.problem);
  });
});
