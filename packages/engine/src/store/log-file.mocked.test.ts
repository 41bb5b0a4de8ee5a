import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from './store.js';

const disk = vi.hoisted(() => ({ syncs: 0 }));
// the real one, counted: nothing else tells whether the log was brought to the disk
vi.mock('@qianzhi/rows/data-sync', async () => {
  const { fdatasyncSync } = await import('node:fs');
  const sync = async (fd: number) => {
    disk.syncs++;
    fdatasyncSync(fd);
  };
  return { createDataSync: () => sync };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qianzhi-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['that finds nothing to change', "UPDATE job SET state = 'queued' WHERE id = 'none'"],
  ['that leaves all as it is', "UPDATE exchange SET since = 'b' WHERE name = 'a'"],
])('a change %s takes nothing to the disk that was written ahead of it', async (_what, sql) => {
  const store = openStore(folder);
  const [put, unchanging] = [
    store.db.prepare("INSERT INTO exchange (name, since) VALUES ('a', 'b')"),
    store.db.prepare(sql),
  ];
  disk.syncs = 0;
  store.writeAhead(() => put.run());
  store.write(() => unchanging.run());
  await store.synced();
  expect(disk.syncs).toBe(1);
  store.close();
});
