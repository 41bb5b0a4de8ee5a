import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesDigest } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BatchStore, OWN_FILE_BYTES, openBatchStore } from './batch-store.js';
import { type Disk, realDisk } from './disk.js';
import type { StoredLocation } from './location.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qz-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (ends: ReadonlyMap<string, number> = new Map(), disk?: Disk) =>
  openBatchStore({ folder, ends, disk });
const put = (store: BatchStore, bytes: Uint8Array) =>
  store.write(bytes, (location, durable) => durable.then(() => location));
const small = () => randomBytes(500);
const large = () => randomBytes(OWN_FILE_BYTES);

/** Counts fsyncs and fails where told. */
function faultyDisk(): Disk & { syncs: number; fail: { write?: string; sync?: string } } {
  const fault = (code: string | undefined) => {
    if (code) throw Object.assign(new Error(code), { code });
  };
  return {
    syncs: 0,
    fail: {},
    async write(file, bytes, position) {
      if (this.fail.write) await realDisk.write(file, bytes.subarray(0, bytes.length >> 1), position);
      fault(this.fail.write);
      await realDisk.write(file, bytes, position);
    },
    async sync(file, bytes) {
      this.syncs++;
      fault(this.fail.sync);
      await realDisk.sync(file, bytes);
    },
    async syncNames(folder) {
      this.syncs++;
      fault(this.fail.sync);
      await realDisk.syncNames(folder);
    },
  };
}

describe('batch store', () => {
  it('gives back what was written, small ones from a shared segment, large ones from a file of their own', async () => {
    const store = await open();
    const all = [small(), large(), small(), large()];
    const places = await Promise.all(all.map((bytes) => put(store, bytes)));
    for (const [i, bytes] of all.entries()) {
      expect(Buffer.compare(await store.read(places[i]!, bytesDigest(bytes)), bytes)).toBe(0);
    }
    expect(new Set(places.map((place) => place.file)).size).toBe(3);
    expect(places[0]!.file).toMatch(/^segments\//);
    await store.close();
  });

  it('shares one fsync among small batches that arrive together', async () => {
    const disk = faultyDisk();
    const store = await open(new Map(), disk);
    await put(store, small());
    const before = disk.syncs;
    await Promise.all(Array.from({ length: 200 }, () => put(store, small())));
    expect(disk.syncs - before).toBeLessThan(5);
    await store.close();
  });

  it('cuts the torn tail of a segment and the remains of unfinished files on open', async () => {
    const store = await open();
    const bytes = small();
    const place = await put(store, bytes);
    await store.close();
    await appendFile(join(folder, place.file), 'half a bat');
    await writeFile(join(folder, 'files', 'x.zst.part'), 'half');
    const again = await open(new Map([[place.file, place.offset + place.length]]));
    expect((await stat(join(folder, place.file))).size).toBe(bytes.length);
    expect(await readdir(join(folder, 'files'))).toEqual([]);
    expect(Buffer.compare(await again.read(place, bytesDigest(bytes)), bytes)).toBe(0);
    const next = await put(again, small());
    expect(next.file).not.toBe(place.file);
    await again.close();
  });

  it.each(['flipped', 'cut', 'missing'] as const)(
    'finds a %s byte before it hands anything out',
    async (damage) => {
      const store = await open();
      for (const bytes of [small(), large()]) {
        const place = await put(store, bytes);
        const path = join(folder, place.file);
        if (damage === 'missing') await rm(path);
        if (damage === 'cut') await truncate(path, place.length - 1);
        if (damage === 'flipped') {
          const found = await readFile(path);
          found[place.offset + 7]! ^= 1;
          await writeFile(path, found);
        }
        await expect(store.read(place, bytesDigest(bytes))).rejects.toMatchObject({
          code: 'QZ_PLATFORM_BYTES_DAMAGED',
          kind: 'integrity',
        });
      }
      await store.close();
    },
  );

  it.each([small, large])(
    'is unavailable while the disk is full and goes on by itself after',
    async (make) => {
      const disk = faultyDisk();
      const store = await open(new Map(), disk);
      await put(store, make());
      disk.fail.write = 'ENOSPC';
      await expect(put(store, make())).rejects.toMatchObject({
        code: 'QZ_PLATFORM_STORE_FULL',
        kind: 'unavailable',
      });
      disk.fail = {};
      const bytes = make();
      const place = await put(store, bytes);
      expect(Buffer.compare(await store.read(place, bytesDigest(bytes)), bytes)).toBe(0);
      await store.close();
    },
  );

  it.each([small, large])('halts for good when an fsync fails', async (make) => {
    const disk = faultyDisk();
    const store = await open(new Map(), disk);
    disk.fail.sync = 'EIO';
    const halted = { code: 'QZ_PLATFORM_STORE_HALTED', kind: 'unavailable' };
    await expect(put(store, make())).rejects.toMatchObject(halted);
    disk.fail = {};
    await expect(put(store, make())).rejects.toMatchObject(halted);
    await store.close();
  });

  it('never offers a file to the sweep before its index row is committed', async () => {
    const store = await open();
    const offered: (readonly string[])[] = [];
    let place: StoredLocation | undefined;
    await store.write(large(), async (location) => {
      place = location;
      offered.push(await store.settledFiles());
    });
    offered.push(await store.settledFiles());
    expect(offered).toEqual([[], [place!.file]]);
    await store.close();
  });
});
