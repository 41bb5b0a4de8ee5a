import { type CatalogResource, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
});
afterAll(() => platform.remove());

const importAll = async (...resources: CatalogResource[]) => {
  const editor = await town.person('mz', 'catalog-editor');
  return (await editor.call(personRoutes.importCatalog, { body: { resources } })).published;
};
const codes = async () => {
  const { resources } = await town.officer.call(personRoutes.listCatalog, { query: {} });
  return resources.map(({ resource }) => resource.code);
};

describe('an import', () => {
  it('publishes all of its resources, and says what it did to each', async () => {
    const [one, two] = [socialGroup({ code: 'one' }), socialGroup({ code: 'two' })];
    await importAll(one);
    expect(await importAll({ ...one, summary: '新' }, two)).toEqual([
      { code: 'one', schemaVersion: 1, change: 'changed' },
      { code: 'two', schemaVersion: 1, change: 'added' },
    ]);
    const again = await importAll({ ...one, summary: '新' }, { ...two, items: two.items.slice(0, 4) });
    expect(again).toEqual([
      { code: 'one', schemaVersion: 1, change: 'unchanged' },
      { code: 'two', schemaVersion: 2, change: 'changed' },
    ]);
  });

  it('is taken whole or not at all, whatever stands in the way', async () => {
    const before = await codes();
    const fresh = socialGroup({ code: 'fresh' });
    const broken = socialGroup({ code: 'broken', sharing: 'conditional' });
    delete broken.sharingCondition;
    const files = { ...socialGroup({ code: 'one' }), content: 'files' as const, subject: 'other' as const };
    const attachment = { ...files, items: [{ name: '附件', column: 'file', type: 'G' as const }] };
    await expect(importAll(fresh, broken)).rejects.toMatchObject({ code: 'QZ_PLATFORM_CATALOG_REFUSED' });
    await expect(importAll(fresh, fresh)).rejects.toMatchObject({ code: 'QZ_PLATFORM_IMPORT_REPEATS' });
    // found inside the transaction, when the first is written already
    await expect(importAll(fresh, attachment)).rejects.toMatchObject({ code: 'QZ_PLATFORM_CONTENT_CHANGED' });
    expect(await codes()).toEqual(before);
    const { resources } = await town.officer.call(personRoutes.listCatalog, { query: { text: 'fresh' } });
    expect(resources).toEqual([]);
  });

  it('R005 is of the own department alone', async () => {
    const before = await codes();
    const own = socialGroup({ code: 'own' });
    const theirs = socialGroup({ code: 'theirs', department: 'sw' });
    await expect(importAll(own, theirs)).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    expect(await codes()).toEqual(before);
    expect(await importAll(own)).toMatchObject([{ change: 'added' }]);
  });

  it('takes more than other requests may send', async () => {
    const label = '某一代码的含义'.repeat(20);
    const table = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [String(at), label]));
    const large = socialGroup({ code: 'large', codeTables: { table } });
    expect(JSON.stringify(large).length).toBeGreaterThan(600_000);
    expect(Buffer.byteLength(JSON.stringify(large))).toBeGreaterThan(1024 * 1024);
    expect(await importAll(large)).toMatchObject([{ change: 'added' }]);
  });
});

it('R009 does not pass by the reviews where the platform asks for them', async () => {
  const strict = await startTestPlatform({ catalogReviews: true });
  try {
    const people = await settle(strict);
    const editor = await people.person('mz', 'catalog-editor');
    const body = { resources: [socialGroup()] };
    await expect(editor.call(personRoutes.importCatalog, { body })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED',
    });
    expect((await editor.call(personRoutes.listCatalog, { query: {} })).resources).toEqual([]);
  } finally {
    await strict.remove();
  }
});
