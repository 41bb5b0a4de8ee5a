import type { LocalQuery } from '@qianzhi/model';
import type { Connection, OpenQuery, PreparedQuery } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { createQueryPool } from './query-pool.js';

const prepared = { key: 'k', spec: {} } as unknown as PreparedQuery;
const local = { concurrency: 2 } as LocalQuery;
const never = new AbortController().signal;

function rig() {
  const opened: { usable: boolean; closed: boolean }[] = [];
  const connection = {
    async query() {
      const one = { usable: true, closed: false };
      opened.push(one);
      return Object.assign(one, {
        async [Symbol.asyncDispose]() {
          one.closed = true;
        },
      }) as unknown as OpenQuery;
    },
    async [Symbol.asyncDispose]() {},
  } as unknown as Connection;
  return { opened, pool: createQueryPool(async () => connection) };
}

it('opens as many as may be, hands them on in order, and keeps them', async () => {
  const { opened, pool } = rig();
  const order: number[] = [];
  const release: (() => void)[] = [];
  const uses = [1, 2, 3, 4].map((n) =>
    pool.use(
      prepared,
      local,
      async () => {
        order.push(n);
        await new Promise<void>((resolve) => release.push(resolve));
      },
      never,
    ),
  );
  while (order.length < 2) await Promise.resolve();
  expect(order).toEqual([1, 2]);
  release.shift()!();
  await uses[0];
  while (order.length < 3) await Promise.resolve();
  release.shift()!();
  await uses[1];
  while (order.length < 4) await Promise.resolve();
  for (const each of release) each();
  await Promise.all(uses);
  expect(order).toEqual([1, 2, 3, 4]);
  expect(opened).toHaveLength(2);
  await pool.close();
  expect(opened.every(({ closed }) => closed)).toBe(true);
});

it('puts one away that broke, and opens another', async () => {
  const { opened, pool } = rig();
  const broken = pool.use(
    prepared,
    local,
    async () => {
      opened[0]!.usable = false;
      throw new Error('broken');
    },
    never,
  );
  await expect(broken).rejects.toThrow('broken');
  await pool.use(prepared, local, async () => undefined, never);
  expect(opened.map(({ closed }) => closed)).toEqual([true, false]);
  await pool.close();
});

it('who waits and leaves does not take the turn of another', async () => {
  const { pool } = rig();
  const one = { concurrency: 1 } as LocalQuery;
  let done = () => {};
  const first = pool.use(prepared, one, () => new Promise<void>((resolve) => (done = resolve)), never);
  const leaving = new AbortController();
  const second = pool.use(prepared, one, async () => 'second', leaving.signal);
  const third = pool.use(prepared, one, async () => 'third', never);
  await Promise.resolve();
  leaving.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  done();
  await first;
  expect(await third).toBe('third');
  await pool.close();
});

it('who leaves just when it is his turn hands it on', async () => {
  const { pool } = rig();
  const one = { concurrency: 1 } as LocalQuery;
  let done: (() => void) | undefined;
  const first = pool.use(prepared, one, () => new Promise<void>((resolve) => (done = resolve)), never);
  const leaving = new AbortController();
  const left = pool.use(prepared, one, async () => 'left', leaving.signal);
  const next = pool.use(prepared, one, async () => 'next', AbortSignal.timeout(5_000));
  while (!done) await Promise.resolve();
  done();
  // after he was woken, before he goes on
  void Promise.resolve().then(() => leaving.abort(new Error('gone')));
  await expect(left).rejects.toThrow('gone');
  expect(await next).toBe('next');
  await first;
  await pool.close();
});
