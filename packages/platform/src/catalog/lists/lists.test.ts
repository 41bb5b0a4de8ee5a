import { type ListEntry, type ListKind, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  const shared = socialGroup({ code: 'shared', items: socialGroup().items.slice(0, 2) });
  for (const body of [socialGroup(), shared]) {
    const editor = await town.person('mz', 'catalog-editor');
    await editor.call(personRoutes.publishCatalog, { params: { code: body.code }, body });
  }
});
afterAll(() => platform.remove());

const put = async (list: ListKind, entries: ListEntry[], department = 'mz') =>
  (await town.person(department, 'catalog-editor')).call(personRoutes.putDepartmentList, {
    params: { list },
    body: { entries },
  });
const names = async (list: ListKind, department?: string) => {
  const reader = await town.person('ga', 'consumer');
  const query = department === undefined ? {} : { department };
  const { lists } = await reader.call(personRoutes.departmentLists, { params: { list }, query });
  return lists.flatMap((one) => one.entries.map(({ name }) => `${one.department} ${name}`));
};

describe('R018 lists of responsibility, demand and what is not shared', () => {
  it('R018 kept: each department puts its own, which all may read, and a later one takes its place', async () => {
    await put('responsibility', [{ name: '社会团体登记', resource: 'social_group' }]);
    await put('demand', [{ name: '社会团体名录', provider: 'mz', matter: '税收核验' }], 'sw');
    await put('negative', [{ name: '内部备注', resource: 'social_group', basis: '某法第三条' }]);
    expect(await names('responsibility')).toEqual(['mz 社会团体登记']);
    expect(await names('demand')).toEqual(['sw 社会团体名录']);
    expect(await names('negative', 'mz')).toEqual(['mz 内部备注']);
    expect(await names('negative', 'sw')).toEqual([]);
    const again = await put('responsibility', [{ name: '基金会登记' }, { name: '社会团体登记' }]);
    expect(again).toMatchObject({ list: 'responsibility', department: 'mz', putBy: 'mz-catalog-editor' });
    expect(await names('responsibility')).toEqual(['mz 基金会登记', 'mz 社会团体登记']);
  });

  it.each<[string, ListKind, ListEntry[], string, string]>([
    ['nothing is withheld without a basis', 'negative', [{ name: '甲' }], 'mz', '没有写明依据'],
    [
      'nor what the catalog shares',
      'negative',
      [{ name: '甲', resource: 'shared', basis: '某法' }],
      'mz',
      'shared',
    ],
    [
      'nobody answers for what is another’s',
      'responsibility',
      [{ name: '甲', resource: 'shared' }],
      'sw',
      'shared',
    ],
    ['a demand names who is asked', 'demand', [{ name: '甲' }], 'sw', '没有写明向哪个'],
    ['and not oneself', 'demand', [{ name: '甲', provider: 'sw' }], 'sw', '没有写明向哪个'],
    [
      'names differ by more than blanks',
      'responsibility',
      [{ name: '甲 乙' }, { name: '甲乙' }],
      'mz',
      '重复',
    ],
    ['a line of law says all', 'statutory', [{ name: '甲' }], 'mz', '第 1 条:法定共享清单的 甲'],
    [
      'nor has another’s in its statutory list',
      'statutory',
      [{ name: '甲', resource: 'shared', items: ['名称'], basis: '某法' }],
      'sw',
      '法定共享清单',
    ],
  ])('R018 broken: %s', async (_, list, entries, department, says) => {
    const before = await names(list);
    await expect(put(list, [{ ...entries[0]! }, ...entries.slice(1)], department)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_LIST_REFUSED',
      kind: 'data',
      texts: {
        zh: {
          message: expect.stringContaining(says),
          hint: expect.stringContaining(`catalog list --list ${list}`),
        },
      },
    });
    expect(await names(list)).toEqual(before);
  });

  it('there are these three and no other', async () => {
    const reader = await town.person('ga', 'consumer');
    const other = reader.call(personRoutes.departmentLists, { params: { list: 'wish' }, query: {} });
    await expect(other).rejects.toMatchObject({ kind: 'data' });
  });
});
