import { type CatalogResource, personRoutes } from '@qianzhi/model';
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
});
afterAll(() => platform.remove());

async function publish(change: Partial<CatalogResource> & { code: string; department: string }) {
  const editor = await town.person(change.department, 'catalog-editor');
  await editor.call(personRoutes.publishCatalog, {
    params: { code: change.code },
    body: socialGroup(change),
  });
}
const found = async (query: { department?: string; open?: boolean } = {}) =>
  (await (await town.person('ga', 'consumer')).call(personRoutes.listDuplicates, { query })).duplicates;
const pairs = async (query = {}) =>
  (await found(query)).map(({ first, second }) => `${first.code} ${second.code}`);

/** Items of the same key, so many of them with names of their own. */
const items = (own: number, word = '其他') =>
  socialGroup().items.map((item, at, all) =>
    at >= all.length - own ? { ...item, name: `${word}${at}` } : item,
  );

describe('R039 one datum, one source', () => {
  it('R039 kept: other items, or a resource of the same department, are no duplicate supply', async () => {
    await publish({ code: 'group', department: 'mz' });
    await publish({ code: 'group-old', department: 'mz' });
    await publish({ code: 'tax', department: 'sw', items: items(3) });
    expect(await pairs()).toEqual([]);
  });

  it('R039 broken: nearly the same items in another department are found at publication', async () => {
    const [first, ...others] = socialGroup().items;
    await publish({
      code: 'copy',
      department: 'sw',
      items: [{ ...first!, name: '统一社会 信用代码' }, ...others.slice(0, 4)],
    });
    expect(await pairs()).toEqual(['copy group', 'copy group-old']);
    expect((await found())[0]).toMatchObject({
      first: { code: 'copy', department: 'sw' },
      second: { code: 'group', department: 'mz' },
      common: 5,
      percent: 100,
      alike: true,
      decision: null,
    });
    expect(await pairs({ department: 'zs' })).toEqual([]);
    expect(await pairs({ department: 'mz' })).toHaveLength(2);
  });

  it('R039 kept: a competent department names the responsible source, and it is shown', async () => {
    const competent = await town.person('zs', 'approver');
    const body = { first: 'group', second: 'copy', responsible: 'group', note: '民政局为登记机关' };
    const decided = await competent.call(personRoutes.decideSource, { body });
    expect(decided.decision).toMatchObject({
      responsible: 'group',
      note: '民政局为登记机关',
      decidedBy: 'zs-approver',
    });
    expect(await pairs({ open: true })).toEqual(['copy group-old']);
    expect(await pairs()).toHaveLength(2);
    const both = { first: 'copy', second: 'group-old', responsible: null, note: '口径不同' };
    expect(
      (await competent.call(personRoutes.decideSource, { body: both })).decision?.responsible,
    ).toBeNull();
    expect(await pairs({ open: true })).toEqual([]);
  });

  it('R039 broken: nobody else decides, nor without a reason, nor for a third resource', async () => {
    const body = { first: 'copy', second: 'group', responsible: 'copy', note: '自认' };
    const own = await town.person('sw', 'approver');
    await expect(own.call(personRoutes.decideSource, { body })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_COMPETENT_ONLY',
      kind: 'denied',
    });
    const competent = await town.person('zs', 'approver');
    const decide = (change: object) =>
      competent.call(personRoutes.decideSource, { body: { ...body, ...change } });
    await expect(decide({ note: '' })).rejects.toMatchObject({ kind: 'data' });
    await expect(decide({ responsible: 'tax' })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SOURCE_NOT_OF_PAIR',
    });
    await expect(decide({ first: 'tax', responsible: 'tax' })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DUPLICATE_UNKNOWN',
    });
    expect((await found()).find(({ second }) => second.code === 'group')?.decision?.responsible).toBe(
      'group',
    );
  });

  it('a pair that is alike no more is history once decided, and gone before', async () => {
    await publish({ code: 'third', department: 'ga' });
    expect(await pairs({ open: true })).toEqual(['copy third', 'group third', 'group-old third']);
    await publish({ code: 'third', department: 'ga', items: items(4, '另一') });
    expect(await pairs({ open: true })).toEqual([]);
    await publish({ code: 'copy', department: 'sw', items: items(4, '又一') });
    expect((await found()).map(({ alike }) => alike)).toEqual([false, false]);
  });
});
