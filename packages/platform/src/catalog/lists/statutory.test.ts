import { type CatalogResource, type ListEntry, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform({ policy: { profile: 'jiangsu-2017' } });
  town = await settle(platform);
});
afterAll(() => platform.remove());

const line = (resource: string, ...items: string[]): ListEntry => ({
  name: `${resource} 登记`,
  resource,
  items,
  basis: '社会团体登记管理条例第五条',
});
const put = async (...entries: ListEntry[]) =>
  (await town.person('mz', 'catalog-editor')).call(personRoutes.putDepartmentList, {
    params: { list: 'statutory' },
    body: { entries },
  });
const owed = async () =>
  (await town.officer.call(personRoutes.listDuties, { query: { kind: 'catalog.update' } })).duties.map(
    ({ object, owner, rule, deadline }) => [object, owner, rule, deadline?.n],
  );
const refused = (name: string) => ({ code: `QZ_PLATFORM_${name}` });

it('R017 what a law requires to be shared is owed until it is in the catalog, and stays there', {
  timeout: 120_000,
}, async () => {
  await publish(town, socialGroup({ code: 'there' }));
  const answer = await put(line('there', '名称'), line('foundation', '名称', 'phone'));
  expect(answer.duties).toMatchObject([{ object: 'foundation', owner: 'mz', rule: 'R017' }]);
  expect(await owed()).toEqual([['foundation', 'mz', 'R017', 15]]);
  // put again it is not owed twice
  await put(line('there', '名称'), line('foundation', '名称', 'phone'));
  expect(await owed()).toHaveLength(1);

  const [uscc, name, , phone] = socialGroup().items;
  const foundation = (...items: CatalogResource['items']) =>
    publish(town, socialGroup({ code: 'foundation', items }));
  await expect(foundation(uscc!, name!)).rejects.toMatchObject(refused('CATALOG_REFUSED'));
  const withheld = foundation(uscc!, name!, { ...phone!, sharing: 'none', sharingCondition: '不便提供' });
  await expect(withheld).rejects.toMatchObject(refused('CATALOG_REFUSED'));
  expect(await owed()).toHaveLength(1);
  await foundation(uscc!, name!, phone!);
  expect(await owed()).toEqual([]);

  const admin = await town.person('mz', 'department-admin');
  const withdraw = () =>
    admin.call(personRoutes.withdrawCatalog, {
      params: { code: 'foundation' },
      body: { reason: '不再登记', liveAgreements: 'end' },
    });
  await expect(withdraw()).rejects.toMatchObject(refused('STATUTORY_RESOURCE'));
  await put(line('there', '名称'));
  expect((await withdraw()).code).toBe('foundation');
});

it('R017 a line names resource, items and law; one that is taken back is owed no more; other lists open nothing', async () => {
  await expect(put({ name: '登记', items: ['名称'], basis: '某法' })).rejects.toMatchObject(
    refused('LIST_REFUSED'),
  );
  await expect(put({ name: '登记', resource: 'lacking', items: ['名称'] })).rejects.toMatchObject(
    refused('LIST_REFUSED'),
  );
  await put(line('lacking', '名称'));
  expect(await owed()).toEqual([['lacking', 'mz', 'R017', 15]]);
  await put();
  expect(await owed()).toEqual([]);
  const editor = await town.person('mz', 'catalog-editor');
  const body = { entries: [line('lacking', '名称')] };
  const other = await editor.call(personRoutes.putDepartmentList, {
    params: { list: 'responsibility' },
    body,
  });
  expect(other.duties).toBeUndefined();
  expect(await owed()).toEqual([]);
});
