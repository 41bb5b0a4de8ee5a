import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish, socialGroup, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, HUIZHOU } from '../matters/test-parties.js';
import { actsOf, clocksOf, type Requesters, startRequestTown, wanted } from './test-requests.js';

let platform: TestPlatform;
let town: Town;
let by: Requesters;
beforeAll(async () => {
  ({ platform, town, by } = await startRequestTown());
});
afterAll(() => platform.remove());

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });

const entry = (name: string, items = socialGroup().items) =>
  socialGroup({
    code: name,
    name: '社会组织年检结果',
    items,
    legalBasis: [{ kind: 'administrative-regulation', title: '社会团体登记管理条例' }],
  });
const conclusion = {
  name: '年检结果',
  column: 'result',
  type: 'C',
  length: 20,
  sharing: 'conditional',
} as const;

const number = { name: '编号', column: 'no', type: 'C', length: 10, key: true } as const;

describe('R069 what was agreed to', () => {
  it('is owed as a catalog entry within the days of the profile, linked when it is published, and applied for as it stands', async () => {
    await judgedBy('jiangsu-2017');
    const { id } = await by.ask();
    const agreed = await by.accept(id);
    expect(clocksOf(agreed)).toMatchObject([
      { kind: 'catalog.update', owner: 'mz', rule: 'R069', deadline: { n: 15, unit: 'workingDay' } },
    ]);
    const strange = (await town.person('ga', 'catalog-editor')).call(personRoutes.linkRequest, {
      ...at(id),
      body: { resource: 'annual_check' },
    });
    await expect(strange).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    const named = await by.link(id, 'annual_check', { 年检结论: 'result' });
    expect(named).toMatchObject({ resource: 'annual_check', linkedAt: null, application: null });
    expect(clocksOf(named)).toHaveLength(1);
    const purpose = { ...wanted.purpose, legalBasis: '税收征收管理法' };
    const early = { resource: 'social_group', items: [], purpose, modes: ['docking' as const], request: id };
    await publish(town, socialGroup());
    const sw = await town.person('sw', 'consumer');
    await expect(sw.call(personRoutes.apply, { body: early })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_NOT_LINKED'),
    );
    await publish(town, entry('annual_check', [...socialGroup().items, conclusion]));
    const linked = await by.show(id);
    expect(linked).toMatchObject({ resource: 'annual_check', linkedAt: expect.any(String) });
    expect(clocksOf(linked)).toEqual([]);
    expect(linked.application).toEqual({
      resource: 'annual_check',
      items: ['uscc', 'legal_person', 'result'],
      purpose: wanted.purpose,
      modes: ['docking'],
      itemBasis: {
        uscc: '税收征收管理法第六条',
        legal_person: '税收征收管理法第十五条',
        result: '税收征收管理法第五十七条',
      },
      request: id,
    });
    const applied = await sw.call(personRoutes.apply, { body: linked.application! });
    expect(applied).toMatchObject({ state: 'applied', resource: 'annual_check' });
    const turned = await by.show(id);
    expect(turned.agreement).toBe(applied.id);
    expect(actsOf(turned)).toEqual(['apply', 'grant', 'name-entry', 'link', 'turn']);
    const other = (await town.person('ga', 'consumer')).call(personRoutes.apply, {
      body: linked.application!,
    });
    await expect(other).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    await judgedBy(HUIZHOU);
  });

  it('is linked at once where the entry is there, and not to one of another department or without its items', async () => {
    const { id } = await by.ask();
    await by.accept(id);
    await publish(town, { ...entry('of_police'), department: 'ga', code: 'of_police' });
    await expect(by.link(id, 'of_police')).rejects.toMatchObject(code('PLATFORM_REQUEST_ENTRY_FOREIGN'));
    await publish(town, { ...entry('nothing_of_it', [number]), subject: 'other' });
    await expect(by.link(id, 'nothing_of_it')).rejects.toMatchObject(
      code('PLATFORM_REQUEST_ITEMS_UNMATCHED'),
    );
    await publish(town, entry('annual_check_2'));
    await expect(by.link(id, 'annual_check_2', { 年检结论: 'nowhere' })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_ITEMS_UNMATCHED'),
    );
    const linked = await by.link(id, 'annual_check_2');
    expect(linked).toMatchObject({
      resource: 'annual_check_2',
      columns: { 统一社会信用代码: 'uscc', 法定代表人: 'legal_person' },
      matter: { clocks: [] },
    });
    await expect(by.link(id, 'annual_check_2')).rejects.toMatchObject(
      code('PLATFORM_REQUEST_ENTRY_NOT_OWED'),
    );
  });

  it('stays owed where the entry that is published has none of its items, until the one that has them is named', async () => {
    const { id } = await by.ask();
    await by.accept(id);
    await by.link(id, 'late_check');
    await publish(town, { ...entry('late_check', [number]), subject: 'other' });
    const owed = await by.show(id);
    expect(owed).toMatchObject({ resource: null, linkedAt: null, application: null });
    expect(clocksOf(owed)).toMatchObject([{ kind: 'catalog.update', owner: 'mz' }]);
    expect(owed.matter?.events.at(-1)).toMatchObject({
      act: 'unmatched',
      text: expect.stringMatching(/^late_check: .*年检结论/),
    });
    await publish(town, { ...entry('late_check', [number, conclusion]), subject: 'other' });
    expect(await by.link(id, 'late_check', { 年检结论: 'result' })).toMatchObject({
      resource: 'late_check',
      matter: { clocks: [] },
    });
  });

  it('is linked once, whoever else names an entry at the same time', async () => {
    const { id } = await by.ask();
    await by.accept(id);
    const names = ['check_a', 'check_b', 'check_c', 'check_d'];
    for (const name of names) await publish(town, entry(name));
    const all = await Promise.allSettled(names.map((name) => by.link(id, name)));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject(Array(3).fill({ reason: code('PLATFORM_REQUEST_ENTRY_NOT_OWED') }));
    expect(actsOf(await by.show(id))).toEqual(['apply', 'grant', 'link']);
  });

  it('is applied for with its key where rows are merged by it, and without where they are not', async () => {
    const items = wanted.items.slice(1);
    const applied = async (modes: ('docking' | 'sftp')[], resource: string) => {
      const { id } = await by.ask({ items, modes });
      await by.accept(id);
      await publish(town, entry(resource));
      const { application } = await by.link(id, resource);
      const sw = await town.person('sw', 'consumer');
      return (await sw.call(personRoutes.apply, { body: application! })).items;
    };
    expect(await applied(['docking'], 'merged_check')).toEqual(['uscc', 'legal_person']);
    expect(await applied(['sftp'], 'filed_check')).toEqual(['legal_person']);
  });

  it('is not linked by who asked for it, competent or not', async () => {
    const body = { ...wanted, department: 'mz' };
    const { id } = await (await town.person('zs', 'consumer')).call(personRoutes.makeRequest, { body });
    await by.accept(id);
    await publish(town, entry('own_check'));
    const link = async (department: string) =>
      (await town.person(department, 'approver')).call(personRoutes.linkRequest, {
        ...at(id),
        body: { resource: 'own_check' },
      });
    await expect(link('zs')).rejects.toMatchObject(code('PLATFORM_REQUEST_NOT_PROVIDER'));
    expect(await link('mz')).toMatchObject({ resource: 'own_check' });
  });
});
