import { type CatalogResource, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
  platform = await startTestPlatform({ policy: { profile: 'guangdong-2018' }, region: '441300' });
  town = await settle(platform);
});
afterAll(() => platform.remove());

const written = (code: string, change: Partial<CatalogResource> = {}) => {
  const items = socialGroup()
    .items.slice(0, 2)
    .map(({ basic: _, ...item }) => item);
  const { sharingCondition: _, ...entry } = socialGroup({ code, items, ...change });
  return entry;
};
const publish = async (body: object & { readonly code: string }) =>
  (await town.person('mz', 'catalog-editor')).call(personRoutes.publishCatalog, {
    params: { code: body.code },
    body: body as CatalogResource,
  });
const refused = { code: 'QZ_PLATFORM_CATALOG_REFUSED' };

it('R001 sharing is the rule: an entry that says nothing is shared with everybody, one that is restricted says by what law', async () => {
  const { sharing: _, ...silent } = written('silent');
  expect((await publish(silent)).resource.sharing).toBe('unconditional');
  const consumer = await town.person('sw', 'consumer');
  const purpose = { usage: 'data-check', matter: '核验', legalBasis: '' } as const;
  const body = { resource: 'silent', items: [], purpose, modes: ['docking' as const] };
  expect(await consumer.call(personRoutes.apply, { body })).toMatchObject({ state: 'granted' });
  await expect(publish(written('kept', { sharing: 'none' }))).rejects.toMatchObject(refused);
  const legalBasis = [{ kind: 'law', title: '某法', article: '第一条' } as const];
  expect(await publish(written('kept', { sharing: 'none', legalBasis }))).toMatchObject({
    resource: { sharing: 'none' },
  });
});

it('R008 the catalog is compiled and kept on the platform: by its editors alone, every change on record', async () => {
  await publish(written('compiled'));
  await publish(written('compiled', { summary: '已更新' }));
  const reader = await town.person('sw', 'consumer');
  const params = { code: 'compiled' };
  const { revisions } = await reader.call(personRoutes.listRevisions, { params });
  expect(revisions.map(({ publishedBy }) => publishedBy)).toEqual(['mz-catalog-editor', 'mz-catalog-editor']);
  const others = reader.call(personRoutes.publishCatalog, { params, body: written('compiled') });
  await expect(others).rejects.toMatchObject({ kind: 'denied' });
  const nobody = platform
    .anonymous()
    .call(personRoutes.publishCatalog, { params, body: written('compiled') });
  await expect(nobody).rejects.toMatchObject({ kind: 'auth' });
});

it('R015 the platform keeps the catalog of its own level and of what lies in it, not that of another', async () => {
  expect((await platform.anonymous().call(personRoutes.platformInfo, {})).region).toBe('441300');
  expect(await publish(written('county', { region: '441302' }))).toMatchObject({
    resource: { region: '441302' },
  });
  await expect(publish(written('elsewhere', { region: '440100' }))).rejects.toMatchObject(refused);
});

it('R016 how often a resource is updated is published with it, and none is published without', async () => {
  await publish(written('monthly', { updateCycle: 'monthly' }));
  const { resources } = await (await town.person('ga', 'operator')).call(personRoutes.listCatalog, {
    query: {},
  });
  expect(resources.map(({ resource }) => [resource.code, resource.updateCycle])).toContainEqual([
    'monthly',
    'monthly',
  ]);
  const { updateCycle: _, ...unmarked } = written('unmarked');
  await expect(publish(unmarked)).rejects.toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG' });
});
