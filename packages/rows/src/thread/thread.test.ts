import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sealRows } from '../stored-rows.js';
import { returnBytes } from './lent-bytes.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const line = Buffer.from('Su1\t某企业\n');

/** Seals a batch large enough for the thread and answers a view of the memory it was lent, returned since. */
async function sealOne(): Promise<WeakRef<ArrayBufferLike>> {
  const raw = Buffer.alloc(line.length * 200_000, line);
  const { stored } = await sealRows(raw, { kind: 'snapshot', schemaVersion: 1 });
  const memory = stored.buffer;
  returnBytes(stored);
  return new WeakRef(memory);
}

test('memory lent for large batches is given back once the thread has had nothing to do for half a minute', async () => {
  const memory = await sealOne();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(memory.deref()).toBeInstanceOf(SharedArrayBuffer);
  await vi.advanceTimersByTimeAsync(1000);
  for (const deadline = Date.now() + 5000; memory.deref() && Date.now() < deadline; ) await setImmediate();
  expect(memory.deref()).toBeUndefined();
});

test('a batch that comes after the rest starts the thread again', async () => {
  await sealOne();
  await vi.advanceTimersByTimeAsync(30_000);
  expect((await sealOne()).deref()).toBeInstanceOf(SharedArrayBuffer);
});
