import { expect, it } from 'vitest';
import { prefetch } from './prefetch.js';

async function* numbers(count: number, given: number[]) {
  for (let i = 0; i < count; i++) {
    given.push(i);
    yield i;
  }
}

it('keeps the order and never holds more bytes than allowed, one item excepted', async () => {
  const given: number[] = [];
  let held = 0;
  let most = 0;
  const sizes = [3, 3, 9, 1, 1, 20, 2];
  const seen: number[] = [];
  const ahead = prefetch(numbers(sizes.length, given), {
    maxBytes: 10,
    sizeOf: (i) => sizes[i]!,
    async load(i) {
      held += sizes[i]!;
      most = Math.max(most, held);
      return i * 10;
    },
    signal: new AbortController().signal,
  });
  for await (const { item, loaded, release } of ahead) {
    seen.push(await loaded);
    held -= sizes[item]!;
    release();
  }
  expect(seen).toEqual([0, 10, 20, 30, 40, 50, 60]);
  expect(most).toBeLessThanOrEqual(20);
});

it('gives what came before the source failed, then its failure', async () => {
  const failing = async function* () {
    yield 1;
    throw new Error('gone');
  };
  const seen: number[] = [];
  const drain = async () => {
    const options = {
      maxBytes: 1,
      sizeOf: () => 1,
      load: async (i: number) => i,
      signal: new AbortController().signal,
    };
    for await (const { loaded, release } of prefetch(failing(), options)) {
      seen.push(await loaded);
      release();
    }
  };
  await expect(drain()).rejects.toThrow('gone');
  expect(seen).toEqual([1]);
});

it('ends the loading when the reader leaves', async () => {
  const given: number[] = [];
  const options = {
    maxBytes: 2,
    sizeOf: () => 1,
    load: async (i: number) => i,
    signal: new AbortController().signal,
  };
  for await (const { item, release } of prefetch(numbers(100, given), options)) {
    release();
    if (item === 1) break;
  }
  expect(given.length).toBeLessThan(8);
});
