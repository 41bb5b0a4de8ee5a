import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { type ReadingOn, readOn } from './read-on.js';

const paced = vi.hoisted((): number[] => []);
vi.mock('./pace.js', () => ({
  createPace: () => ({ cut: (seq: number) => void paced.push(seq), nextIn: () => 0 }),
}));

it('cuts of nothing but how far reading came take no place in the stream', async () => {
  const signal = AbortSignal.timeout(20_000);
  let open: { readonly rows: number } | undefined;
  let cuts = 0;
  const cut = async () => {
    cuts++;
    open = undefined;
  };
  async function* read() {
    for (const rows of [0, 1, 0]) {
      const before = cuts;
      yield { rows };
      while (cuts === before) await pause(5, undefined, { signal });
    }
  }
  const sealer = {
    add: async (block: { readonly rows: number }) => {
      open = block;
    },
    get pending() {
      return (open?.rows ?? 0) > 0;
    },
    get begun() {
      return open !== undefined;
    },
    underWay: 0,
    cut,
  };
  const reading = {
    feed: { read, rests: () => false },
    sealer,
    sender: { onChange: () => () => {}, failure: () => undefined },
    stream: () => ({ seq: 6, receipted: 6 }),
    confirm: async () => {},
    soft: new AbortController().signal,
    signal,
    what: 'village',
  };
  await readOn(reading as unknown as ReadingOn);
  expect([cuts, paced]).toEqual([3, [6]]);
});

it('tells a source of receipts that come close together once, and of the last of them', async () => {
  const signal = AbortSignal.timeout(20_000);
  let receipts = 0;
  const told: number[] = [];
  let ring = () => {};
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  // biome-ignore lint/correctness/useYield: a source that has nothing to say until it ends
  async function* read() {
    await over;
  }
  const reading = {
    feed: { read, rests: () => true },
    sealer: { pending: false, begun: false, underWay: 0 },
    sender: {
      onChange: (heard: () => void) => {
        ring = heard;
        return () => {};
      },
      failure: () => undefined,
    },
    stream: () => ({ seq: 0, receipted: 0 }),
    confirm: async () => void told.push(receipts),
    soft: new AbortController().signal,
    signal,
    what: 'village',
  };
  const began = performance.now();
  const done = readOn(reading as unknown as ReadingOn);
  while (receipts < 40) {
    await pause(5);
    receipts++;
    ring();
  }
  await vi.waitFor(() => expect(told.at(-1)).toBe(40), { timeout: 10_000 });
  expect(told.length).toBeLessThanOrEqual(2 + (performance.now() - began) / 100);
  end();
  await done;
});
