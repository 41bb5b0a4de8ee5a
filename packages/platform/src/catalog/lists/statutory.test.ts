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

const [uscc, name, , phone] = socialGroup().items;
const entry = (code: string, ...items: CatalogResource['items']) => socialGroup({ code, items });

it('R017 goes on where another department becomes responsible: line and duty are its own from then on', {
  timeout: 120_000,
}, async () => {
  await publish(town, entry('moved', uscc!, name!));
  await put(line('moved', 'phone'));
  const params = { code: 'moved' };
  const body = { to: 'ga', reason: '机构改革' };
  await (await town.person('zs', 'approver')).call(personRoutes.transferCatalog, { params, body });
  expect(await owed()).toEqual([['moved', 'ga', 'R017', 15]]);
  const { lists } = await town.officer.call(personRoutes.departmentLists, {
    params: { list: 'statutory' },
    query: {},
  });
  expect(lists.map(({ department, entries }) => [department, entries.length])).toEqual([
    ['ga', 1],
    ['mz', 0],
  ]);
  await put();
  expect(await owed()).toHaveLength(1);
  const editor = await town.person('ga', 'catalog-editor');
  const asGa = (...items: CatalogResource['items']) =>
    editor.call(personRoutes.publishCatalog, {
      params,
      body: { ...entry('moved', ...items), department: 'ga' },
    });
  await expect(asGa(uscc!, name!)).rejects.toMatchObject(refused('CATALOG_REFUSED'));
  await asGa(uscc!, name!, phone!);
  expect(await owed()).toEqual([]);
});

it('R017 broken: no statement that nothing is to be changed stands for the items', async () => {
  await publish(town, entry('stated', uscc!, name!));
  await put(line('stated', 'phone'));
  const admin = await town.person('mz', 'department-admin');
  const params = { code: 'stated' };
  const confirm = () => admin.call(personRoutes.confirmCatalog, { params, body: { reason: '无须更新' } });
  await expect(confirm()).rejects.toMatchObject(refused('UPDATE_STATUTORY'));
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.openCatalogUpdate, {
    body: { resources: ['stated'], event: 'law-revised', note: '条例修订' },
  });
  expect((await confirm()).closed.map(({ rule }) => rule)).toEqual(['R006']);
  expect(await owed()).toEqual([['stated', 'mz', 'R017', 15]]);
  await put();
});

it('R017 an entry that is published again as it was has its items; what an event asks for stays owed', async () => {
  const whole = entry('lifted', uscc!, name!, phone!);
  await publish(town, whole);
  const params = { code: 'lifted' };
  const withdrawal = { reason: '停办', liveAgreements: 'end' } as const;
  await (await town.person('mz', 'department-admin')).call(personRoutes.withdrawCatalog, {
    params,
    body: withdrawal,
  });
  await put(line('lifted', 'phone'));
  await (await town.person('mz', 'catalog-editor')).call(personRoutes.openCatalogUpdate, {
    body: { resources: ['lifted'], event: 'law-revised', note: '条例修订' },
  });
  expect((await owed()).map(([, , rule]) => rule)).toEqual(['R017', 'R006']);
  await publish(town, whole);
  expect((await owed()).map(([, , rule]) => rule)).toEqual(['R006']);
});
