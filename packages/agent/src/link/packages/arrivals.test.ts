import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPackage, packageName, writePackage } from '@qianzhi/carrier';
import { intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArrivals } from './arrivals.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qz-arrivals-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('packages are kept apart, whatever whoever carried them called them', async () => {
  const { publicKey, privateKey } = intlSuite.generateKeyPair();
  const key = { keyId: keyIdOf(publicKey), suite: intlSuite, privateKey };
  const validFrom = new Date(0).toISOString();
  const keys = [{ keyId: key.keyId, owner: 'platform', suite: 'intl' as const, publicKey, validFrom }];
  const kept = join(folder, 'arrived');
  const arrivals = await openArrivals(kept, keys, () => undefined);
  const carried = join(folder, 'disc.qzp');
  const address = { from: 'platform', to: 'sw-1' };
  for (const number of [1, 2]) {
    const at = new Date().toISOString();
    const about = { previous: null, seen: 0, missing: [], createdAt: at, notAfter: at };
    await (await writePackage(carried)).seal({ ...address, number, ...about }, key);
    await using arrived = await openPackage(carried, keys);
    await arrivals.keep(arrived, carried);
  }
  expect(await readdir(kept)).toEqual([1, 2].map((number) => packageName({ ...address, number })));
});
