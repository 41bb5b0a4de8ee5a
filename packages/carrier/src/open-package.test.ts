import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { intlSuite, keyIdOf } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPackage } from './open-package.js';
import { writePackage } from './write-package.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qz-package-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { publicKey, privateKey } = intlSuite.generateKeyPair();
const key = { keyId: keyIdOf(publicKey), suite: intlSuite, privateKey };
const validFrom = new Date(0).toISOString();
const keys = [{ keyId: key.keyId, owner: 'platform', suite: 'intl' as const, publicKey, validFrom }];

/** A package with batches of these sizes. */
async function made(sizes: readonly number[]): Promise<string> {
  const path = join(folder, 'a.qzp');
  const writer = await writePackage(path);
  for (const size of sizes) await writer.add('batch', { size }, Buffer.alloc(size, size % 251));
  const at = new Date().toISOString();
  const about = { from: 'platform', to: 'sw-1', number: 1, previous: null, seen: 0, missing: [] };
  await writer.seal({ ...about, createdAt: at, notAfter: at }, key);
  return path;
}

it('many entries are proven and read, and nothing of one stays behind with the next', async () => {
  const sizes = [...Array(20).keys()].map((n) => n * 50_000);
  const path = await made(sizes);
  const warnings: string[] = [];
  const warned = ({ name }: Error) => warnings.push(name);
  process.on('warning', warned);
  try {
    await using opened = await openPackage(path, keys);
    const found: unknown[] = [];
    for await (const { document, bytes } of opened.entries()) found.push([document, (await bytes()).length]);
    expect(found).toEqual(sizes.map((size) => [{ size }, size]));
    await turn();
  } finally {
    process.off('warning', warned);
  }
  expect(warnings).toEqual([]);
});

it('one with an entry that no batch is as large as is refused, whoever signed it', async () => {
  await expect(openPackage(await made([64 * 1024 * 1024 + 1]), keys)).rejects.toMatchObject({
    code: 'QZ_PACKAGE_ALTERED',
  });
});
