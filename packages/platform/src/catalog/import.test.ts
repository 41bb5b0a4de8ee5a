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

describe('R009 an import where the platform asks for reviews', () => {
  let strict: TestPlatform;
  let people: Town;
  beforeAll(async () => {
    strict = await startTestPlatform({ catalogReviews: true });
    people = await settle(strict);
  });
  afterAll(() => strict.remove());
  const editor = (department = 'mz') => people.person(department, 'catalog-editor');
  const drafts = async () =>
    (await (await editor()).call(personRoutes.listDrafts, { query: {} })).drafts.map(({ code }) => code);

  it('R009 makes drafts of all, and publishes nothing past the reviews', async () => {
    const resources = [socialGroup({ code: 'one' }), socialGroup({ code: 'two' })];
    const client = await editor();
    expect(await client.call(personRoutes.importCatalog, { body: { resources } })).toEqual({
      published: [],
      drafted: ['one', 'two'],
    });
    expect(await drafts()).toEqual(['one', 'two']);
    expect((await client.call(personRoutes.listCatalog, { query: {} })).resources).toEqual([]);
  });

  it('R009 drafts all or nothing, and a check tells of everything that stands in the way beforehand', async () => {
    const other = await editor('sw');
    const params = { code: 'held' };
    const theirs = socialGroup({ code: 'held', department: 'sw' });
    await other.call(personRoutes.draftCatalog, { params, body: theirs });
    const broken = socialGroup({ code: 'broken', sharing: 'conditional' });
    delete broken.sharingCondition;
    const resources = [
      socialGroup({ code: 'fresh' }),
      socialGroup({ code: 'held' }),
      broken,
      socialGroup({ code: 'foreign', department: 'sw' }),
    ];
    const before = await drafts();
    const client = await editor();
    const { drafts: asDrafts, findings } = await client.call(personRoutes.checkImport, {
      body: { resources },
    });
    expect(asDrafts).toBe(true);
    const errors = findings.filter(({ level }) => level === 'error');
    expect(errors.map(({ resource, code }) => `${resource} ${code}`)).toEqual([
      'held QZ_PLATFORM_CODE_HELD',
      'broken CONDITION_MISSING',
      'foreign QZ_PLATFORM_OTHER_DEPARTMENT',
    ]);
    expect(findings).toContainEqual(
      expect.objectContaining({ resource: 'fresh', level: 'warning', code: 'ENTRY_INCOMPLETE' }),
    );
    const some = (count: number) => ({ body: { resources: resources.slice(0, count) } });
    await expect(client.call(personRoutes.importCatalog, some(2))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CODE_HELD',
    });
    await expect(client.call(personRoutes.importCatalog, some(4))).rejects.toMatchObject({
      kind: 'conflict',
    });
    expect(await drafts()).toEqual(before);
  });
});
