import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDataSync } from './data-sync.js';

/** A disk whose syncs take so long, and where they were asked for. */
function diskOf(ms: (call: number) => number) {
  const asked = { here: 0, elsewhere: 0 };
  let clock = 0;
  const sync = createDataSync({
    here: () => {
      clock += ms(asked.here + asked.elsewhere);
      asked.here++;
    },
    elsewhere: async () => {
      asked.elsewhere++;
    },
    now: () => clock,
  });
  const many = async (count: number) => {
    for (let n = 0; n < count; n++) await sync(1);
    return asked;
  };
  return many;
}

it('a quick disk is asked on the thread that waits, also after it was held up once', async () => {
  const many = diskOf((call) => (call === 50 ? 500 : 0.2));
  expect(await many(1000)).toEqual({ here: 1000, elsewhere: 0 });
});

it('a slow disk is asked elsewhere, and here ever more seldom', async () => {
  const many = diskOf(() => 5);
  const first = { ...(await many(1000)) };
  expect(first.here).toBeLessThanOrEqual(6);
  const { here } = await many(100_000);
  expect(here - first.here).toBeLessThanOrEqual(12);
});

it('a disk that becomes quick is asked here again', async () => {
  const many = diskOf((call) => (call < 500 ? 5 : 0.2));
  await many(2000);
  const { elsewhere } = { ...(await many(0)) };
  expect((await many(1000)).elsewhere).toBe(elsewhere);
});

it('syncs a file, and says what is wrong with one that is closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-sync-'));
  const sync = createDataSync();
  const fd = openSync(join(folder, 'file'), 'w');
  writeSync(fd, 'x');
  await sync(fd);
  closeSync(fd);
  await expect(sync(fd)).rejects.toMatchObject({ code: 'EBADF' });
  await rm(folder, { recursive: true });
});
