import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CopiedRows, createFramer } from './copy-framer.js';

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What the framer makes of a server's bytes that come cut at `cuts`. */
function frame(wire: Buffer, cuts: readonly number[], blockBytes: number, maxRowBytes: number) {
  const blocks: CopiedRows[] = [];
  const others: string[] = [];
  const framer = createFramer({
    blockBytes,
    maxRowBytes,
    onBlock(block) {
      // its memory may be used again once it is released: of every other block it is, at once
      const released = blocks.length % 2 === 0;
      blocks.push(released ? { ...block, bytes: Buffer.from(block.bytes) } : block);
      if (!released) return;
      block.bytes.fill(0);
      block.release();
    },
    onOther: (bytes) => others.push(bytes.toString('latin1')),
  });
  const places = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort((a, b) => a - b);
  for (const [at, start] of [0, ...places].entries()) {
    // a socket may write into the same memory again
    const chunk = Buffer.from(wire.subarray(start, places[at] ?? wire.length));
    if (chunk.length > 0) framer.push(chunk);
    chunk.fill(0);
  }
  framer.flush();
  return { blocks, others, seen: framer.seen };
}

const body = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)));

describe('taking CopyData apart', () => {
  it('gives every row once and in order, however the bytes are cut, and hands all else on', () => {
    const part = fc.record({
      type: fc.constantFrom('d', 'd', 'd', 'd', 'N', 'S'),
      body,
    });
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 40 }),
        fc.array(fc.nat()),
        fc.integer({ min: 1, max: 2000 }),
        (parts, cuts, blockBytes) => {
          const rows = parts.flatMap((each) =>
            each.type === 'd' ? [Buffer.concat([each.body, Buffer.of(10)])] : [],
          );
          const wire = parts.map((each) =>
            message(each.type, each.type === 'd' ? Buffer.concat([each.body, Buffer.of(10)]) : each.body),
          );
          const end = message('Z', Buffer.from('I'));
          const { blocks, others, seen } = frame(Buffer.concat([...wire, end]), cuts, blockBytes, 1 << 20);
          expect(Buffer.concat(blocks.map((block) => block.bytes))).toEqual(Buffer.concat(rows));
          expect(blocks.reduce((sum, block) => sum + block.rows, 0)).toBe(rows.length);
          expect(seen).toBe(rows.length);
          expect(others).toEqual(
            [...wire.filter((_, at) => parts[at]!.type !== 'd'), end].map((each) => each.toString('latin1')),
          );
          for (const block of blocks) {
            expect(block.bytes.at(-1)).toBe(10);
            expect(block.lastRow).toBe(block.bytes.subarray(0, -1).lastIndexOf(10) + 1);
          }
        },
      ),
    );
  });

  it('cuts a block at the first row end behind its size', () => {
    const row = Buffer.from(`${'x'.repeat(99)}\n`);
    const wire = Buffer.concat(Array.from({ length: 10 }, () => message('d', row)));
    const { blocks } = frame(wire, [], 250, 1 << 20);
    expect(blocks.map((block) => block.rows)).toEqual([3, 3, 3, 1]);
  });

  it('leaves a row over the limit out, and tells how it begins', () => {
    const large = Buffer.from(`S\tkey\t${'x'.repeat(200_000)}\n`);
    const small = Buffer.from('S\ta\tb\n');
    const wire = Buffer.concat([small, large, small].map((row) => message('d', row)));
    const { blocks, seen } = frame(wire, [10, 70_000, 140_000], 1 << 20, 100_000);
    expect(blocks).toHaveLength(1);
    expect(blocks[0]!.bytes.toString()).toBe('S\ta\tb\nS\ta\tb\n');
    expect(blocks[0]!.oversize).toMatchObject([{ row: 1 }]);
    expect(blocks[0]!.oversize[0]!.start.toString('latin1', 0, 6)).toBe('S\tkey\t');
    expect(seen).toBe(3);
  });
});
