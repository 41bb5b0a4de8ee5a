import { type NewOffCatalogRequest, type OffCatalogRequest, personRoutes, type Role } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  publish,
  settle,
  signIn,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { at, code, HUIZHOU, LAW } from '../matters/test-parties.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  await judgedBy(HUIZHOU);
});
afterAll(() => platform.remove());

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });

const wanted: NewOffCatalogRequest = {
  name: '社会组织年检结果',
  items: [
    { name: '统一社会信用代码', legalBasis: '税收征收管理法第六条' },
    { name: '法定代表人', legalBasis: '税收征收管理法第十五条' },
    { name: '年检结论', legalBasis: '税收征收管理法第五十七条' },
  ],
  purpose: { usage: 'administrative-basis', matter: '非营利组织免税资格认定', legalBasis: '' },
  modes: ['docking'],
};
const ask = async (change: Partial<NewOffCatalogRequest> = {}) =>
  (await town.person('sw', 'consumer')).call(personRoutes.makeRequest, {
    body: { ...wanted, department: 'mz', ...change },
  });
const as = (department: string, role: Role) => town.person(department, role);
const mz = () => as('mz', 'approver');
const zs = () => as('zs', 'approver');
const accept = async (id: string) => (await mz()).call(personRoutes.acceptRequest, { ...at(id), body: {} });
const refuse = async (id: string, body = LAW) =>
  (await mz()).call(personRoutes.refuseRequest, { ...at(id), body });
const show = async (id: string, department = 'sw') =>
  (await as(department, 'consumer')).call(personRoutes.showRequest, at(id));
const link = async (id: string, resource: string, columns: Record<string, string> = {}) =>
  (await as('mz', 'catalog-editor')).call(personRoutes.linkRequest, {
    ...at(id),
    body: { resource, columns },
  });
const clocksOf = ({ matter }: OffCatalogRequest) => matter?.clocks ?? [];
const actsOf = ({ matter }: OffCatalogRequest) => matter?.events.map(({ act }) => act);

describe('R069 what is in no catalog is asked for', () => {
  it('with matter and a basis for each item, to be replied to within the days of the profile', async () => {
    const bare = ask({ items: [{ name: '年检结论' }] });
    await expect(bare).rejects.toMatchObject(code('PLATFORM_REQUEST_INCOMPLETE'));
    const general = { ...wanted.purpose, legalBasis: '税收征收管理法' };
    await expect(ask({ items: [{ name: '年检结论' }], purpose: general })).rejects.toMatchObject(
      code('PLATFORM_ITEM_BASIS_REQUIRED'),
    );
    const twice = ask({ items: [...wanted.items, wanted.items[0]!] });
    await expect(twice).rejects.toMatchObject(code('PLATFORM_REQUEST_ITEMS_TWICE'));
    await expect(ask({ department: 'sw' })).rejects.toMatchObject(code('PLATFORM_REQUEST_OWN_DEPARTMENT'));
    await expect(ask({ department: 'nobody' })).rejects.toMatchObject(code('PLATFORM_DEPARTMENT_UNKNOWN'));
    await expect(ask({ validTo: '2020-01-01T00:00:00Z' })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_VALIDITY_PAST'),
    );
    const made = await ask();
    expect(made).toMatchObject({ stage: 'reply', provider: 'mz', consumer: 'sw', resource: null });
    expect(clocksOf(made)).toMatchObject([
      { kind: 'agreement.reply', owner: 'mz', rule: 'R061', deadline: { n: 5, unit: 'workingDay' } },
    ]);
  });

  it('and refused with reason, ground and legal basis only (R064), after which it may be negotiated', async () => {
    const { id } = await ask();
    await expect(refuse(id, { reason: '不便提供' })).rejects.toMatchObject(
      code('PLATFORM_REFUSAL_BASIS_REQUIRED'),
    );
    await expect(refuse(id, { ...LAW, ground: 'internal-rule' })).rejects.toMatchObject(
      code('PLATFORM_REFUSAL_INTERNAL_RULE'),
    );
    expect(await refuse(id)).toMatchObject({ stage: 'refused', matter: { refusal: LAW, clocks: [] } });
    await expect(link(id, 'annual_check')).rejects.toMatchObject(code('PLATFORM_REQUEST_ENTRY_NOT_OWED'));
    const sw = await as('sw', 'consumer');
    const negotiated = await sw.call(personRoutes.negotiateRequest, {
      ...at(id),
      body: { reason: '履职所需' },
    });
    expect(clocksOf(negotiated)).toMatchObject([{ kind: 'agreement.negotiate', owner: null, rule: 'R070' }]);
    const record = { ...at(id), body: { record: '双方未达成一致' } };
    await expect((await mz()).call(personRoutes.reviewRequest, record)).rejects.toMatchObject(
      code('PLATFORM_MATTER_NOT_COMPETENT'),
    );
    await (await zs()).call(personRoutes.reviewRequest, record);
    const body = { outcome: 'share' as const, record: '裁定书第 9 号' };
    const ruled = await (await zs()).call(personRoutes.ruleRequest, { ...at(id), body });
    expect(clocksOf(ruled)).toMatchObject([{ kind: 'catalog.update', owner: 'mz', rule: 'R069' }]);
    const { rulings } = await sw.call(personRoutes.listRulings, { query: { limit: 10 } });
    expect(rulings.filter(({ agreement }) => agreement === id).map(({ act }) => act)).toEqual([
      'uphold',
      'review',
    ]);
  });

  it('and returned, completed and withdrawn as an application is', async () => {
    const { id } = await ask();
    const returned = await (await mz()).call(personRoutes.returnRequest, {
      ...at(id),
      body: { missing: '年度' },
    });
    expect(clocksOf(returned)).toMatchObject([{ state: 'paused' }]);
    const sw = await as('sw', 'consumer');
    const change = { name: '社会组织 2025 年度年检结果' };
    const completed = await sw.call(personRoutes.completeRequest, {
      ...at(id),
      body: { note: '已补', change },
    });
    expect(completed).toMatchObject({ ...change, stage: 'reply', items: wanted.items });
    const gone = { ...at(id), body: { reason: '不再需要' } };
    const others = (await as('mz', 'consumer')).call(personRoutes.withdrawRequest, gone);
    await expect(others).rejects.toMatchObject(code('PLATFORM_MATTER_NOT_APPLICANT'));
    expect(await sw.call(personRoutes.withdrawRequest, gone)).toMatchObject({
      stage: 'withdrawn',
      matter: { clocks: [] },
    });
    await expect(accept(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });

  it('of nobody in particular, and the competent department finds who replies', async () => {
    const { department: _, ...unknown } = { ...wanted, department: 'mz' };
    const sw = await as('sw', 'consumer');
    const made = await sw.call(personRoutes.makeRequest, { body: unknown });
    const { id } = made;
    expect(made).toMatchObject({ stage: 'forwarding', provider: null });
    expect(clocksOf(made)).toMatchObject([
      { kind: 'agreement.forward', owner: null, rule: 'R069', deadline: { n: 5 } },
    ]);
    await expect(show(id, 'mz')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    const forward = async (department?: string) =>
      (await zs()).call(personRoutes.forwardRequest, { ...at(id), body: department ? { department } : {} });
    await expect(forward()).rejects.toMatchObject(code('PLATFORM_REQUEST_PROVIDER_MISSING'));
    await expect(forward('sw')).rejects.toMatchObject(code('PLATFORM_REQUEST_OWN_DEPARTMENT'));
    const assigned = await forward('mz');
    expect(assigned).toMatchObject({ stage: 'reply', provider: 'mz' });
    expect(clocksOf(assigned)).toMatchObject([{ kind: 'agreement.reply', owner: 'mz', deadline: { n: 5 } }]);
    expect(await show(id, 'mz')).toMatchObject({ id });
    expect(await accept(id)).toMatchObject({ stage: 'granted' });
  });
});

describe('R069 what was agreed to', () => {
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

  it('is owed as a catalog entry within the days of the profile, linked when it is published, and applied for as it stands', async () => {
    await judgedBy('jiangsu-2017');
    const { id } = await ask();
    const agreed = await accept(id);
    expect(clocksOf(agreed)).toMatchObject([
      { kind: 'catalog.update', owner: 'mz', rule: 'R069', deadline: { n: 15, unit: 'workingDay' } },
    ]);
    const strange = (await as('ga', 'catalog-editor')).call(personRoutes.linkRequest, {
      ...at(id),
      body: { resource: 'annual_check' },
    });
    await expect(strange).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    const named = await link(id, 'annual_check', { 年检结论: 'result' });
    expect(named).toMatchObject({ resource: 'annual_check', linkedAt: null, application: null });
    expect(clocksOf(named)).toHaveLength(1);
    const purpose = { ...wanted.purpose, legalBasis: '税收征收管理法' };
    const early = { resource: 'social_group', items: [], purpose, modes: ['docking' as const], request: id };
    await publish(town, socialGroup());
    const sw = await as('sw', 'consumer');
    await expect(sw.call(personRoutes.apply, { body: early })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_NOT_LINKED'),
    );
    await publish(town, entry('annual_check', [...socialGroup().items, conclusion]));
    const linked = await show(id);
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
    const turned = await show(id);
    expect(turned.agreement).toBe(applied.id);
    expect(actsOf(turned)).toEqual(['apply', 'grant', 'name-entry', 'link', 'turn']);
    const other = (await as('ga', 'consumer')).call(personRoutes.apply, { body: linked.application! });
    await expect(other).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    await judgedBy(HUIZHOU);
  });

  it('is linked at once where the entry is there, and not to one of another department or without its items', async () => {
    const { id } = await ask();
    await accept(id);
    await publish(town, { ...entry('of_police'), department: 'ga', code: 'of_police' });
    await expect(link(id, 'of_police')).rejects.toMatchObject(code('PLATFORM_REQUEST_ENTRY_FOREIGN'));
    const key = { name: '编号', column: 'no', type: 'C', length: 10, key: true } as const;
    await publish(town, { ...entry('nothing_of_it', [key]), subject: 'other' });
    await expect(link(id, 'nothing_of_it')).rejects.toMatchObject(code('PLATFORM_REQUEST_ITEMS_UNMATCHED'));
    await publish(town, entry('annual_check_2'));
    await expect(link(id, 'annual_check_2', { 年检结论: 'nowhere' })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_ITEMS_UNMATCHED'),
    );
    const linked = await link(id, 'annual_check_2');
    expect(linked).toMatchObject({
      resource: 'annual_check_2',
      columns: { 统一社会信用代码: 'uscc', 法定代表人: 'legal_person' },
      matter: { clocks: [] },
    });
    await expect(link(id, 'annual_check_2')).rejects.toMatchObject(code('PLATFORM_REQUEST_ENTRY_NOT_OWED'));
  });
});

it('R069 is listed to applicant and provider, all of them to the competent department, and to nobody else', async () => {
  await ask();
  const list = async (department: string, after?: string) =>
    (await as(department, 'consumer')).call(personRoutes.listRequests, { query: { limit: 2, after } });
  const { requests: all } = await (await as('zs', 'consumer')).call(personRoutes.listRequests, {
    query: { limit: 500 },
  });
  for (const department of ['sw', 'mz', 'zs']) expect((await list(department)).requests).toHaveLength(2);
  expect((await list('ga')).requests).toEqual([]);
  const first = await list('sw');
  const second = await list('sw', first.next!);
  expect([...first.requests, ...second.requests].map(({ id }) => id)).toEqual(
    all.slice(0, 4).map(({ id }) => id),
  );
  await expect(show(all[0]!.id, 'ga')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
  const { requests: open } = await (await mz()).call(personRoutes.listRequests, {
    query: { stage: 'reply', limit: 500 },
  });
  expect(open.length).toBeGreaterThan(0);
  expect(open.every(({ stage }) => stage === 'reply')).toBe(true);
});

it('R069 R070 goes to negotiation by itself where nobody replied in time', async () => {
  const { id } = await ask();
  platform.advance(20 * 86_400_000);
  const later = await signIn(platform, 'sw-consumer');
  const stage = async () => (await later.call(personRoutes.showRequest, at(id))).stage;
  await expect.poll(stage, { timeout: 20_000 }).toBe('negotiation');
});
