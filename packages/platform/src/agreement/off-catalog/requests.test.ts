import { personRoutes, type Role } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, LAW } from '../matters/test-parties.js';
import { clocksOf, type Requesters, startRequestTown, wanted } from './test-requests.js';

let platform: TestPlatform;
let town: Town;
let by: Requesters;
beforeAll(async () => {
  ({ platform, town, by } = await startRequestTown());
});
afterAll(() => platform.remove());

const as = (department: string, role: Role) => town.person(department, role);
const mz = () => as('mz', 'approver');
const zs = () => as('zs', 'approver');
const refuse = async (id: string, body = LAW) =>
  (await mz()).call(personRoutes.refuseRequest, { ...at(id), body });

describe('R069 what is in no catalog is asked for', () => {
  it('with matter and a basis for each item, to be replied to within the days of the profile', async () => {
    const bare = by.ask({ items: [{ name: '年检结论' }] });
    await expect(bare).rejects.toMatchObject(code('PLATFORM_REQUEST_INCOMPLETE'));
    const general = { ...wanted.purpose, legalBasis: '税收征收管理法' };
    await expect(by.ask({ items: [{ name: '年检结论' }], purpose: general })).rejects.toMatchObject(
      code('PLATFORM_ITEM_BASIS_REQUIRED'),
    );
    const twice = by.ask({ items: [...wanted.items, wanted.items[0]!] });
    await expect(twice).rejects.toMatchObject(code('PLATFORM_REQUEST_ITEMS_TWICE'));
    await expect(by.ask({ department: 'sw' })).rejects.toMatchObject(code('PLATFORM_REQUEST_OWN_DEPARTMENT'));
    await expect(by.ask({ department: 'nobody' })).rejects.toMatchObject(code('PLATFORM_DEPARTMENT_UNKNOWN'));
    await expect(by.ask({ validTo: '2020-01-01T00:00:00Z' })).rejects.toMatchObject(
      code('PLATFORM_REQUEST_VALIDITY_PAST'),
    );
    const made = await by.ask();
    expect(made).toMatchObject({ stage: 'reply', provider: 'mz', consumer: 'sw', resource: null });
    expect(clocksOf(made)).toMatchObject([
      { kind: 'agreement.reply', owner: 'mz', rule: 'R061', deadline: { n: 5, unit: 'workingDay' } },
    ]);
  });

  it('and refused with reason, ground and legal basis only (R064), after which it may be negotiated', async () => {
    const { id } = await by.ask();
    await expect(refuse(id, { reason: '不便提供' })).rejects.toMatchObject(
      code('PLATFORM_REFUSAL_BASIS_REQUIRED'),
    );
    await expect(refuse(id, { ...LAW, ground: 'internal-rule' })).rejects.toMatchObject(
      code('PLATFORM_REFUSAL_INTERNAL_RULE'),
    );
    expect(await refuse(id)).toMatchObject({ stage: 'refused', matter: { refusal: LAW, clocks: [] } });
    await expect(by.link(id, 'annual_check')).rejects.toMatchObject(code('PLATFORM_REQUEST_ENTRY_NOT_OWED'));
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
    const { id } = await by.ask();
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
    await expect(by.accept(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
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
    await expect(by.show(id, 'mz')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    const forward = async (department?: string) =>
      (await zs()).call(personRoutes.forwardRequest, { ...at(id), body: department ? { department } : {} });
    await expect(forward()).rejects.toMatchObject(code('PLATFORM_REQUEST_PROVIDER_MISSING'));
    await expect(forward('sw')).rejects.toMatchObject(code('PLATFORM_REQUEST_OWN_DEPARTMENT'));
    const assigned = await forward('mz');
    expect(assigned).toMatchObject({ stage: 'reply', provider: 'mz' });
    expect(clocksOf(assigned)).toMatchObject([{ kind: 'agreement.reply', owner: 'mz', deadline: { n: 5 } }]);
    expect(await by.show(id, 'mz')).toMatchObject({ id });
    expect(await by.accept(id)).toMatchObject({ stage: 'granted' });
  });
});

it('R069 is listed to applicant and provider, all of them to the competent department, and to nobody else', async () => {
  await by.ask();
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
  await expect(by.show(all[0]!.id, 'ga')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
  const { requests: open } = await (await mz()).call(personRoutes.listRequests, {
    query: { stage: 'reply', limit: 500 },
  });
  expect(open.length).toBeGreaterThan(0);
  expect(open.every(({ stage }) => stage === 'reply')).toBe(true);
});

it('R069 R070 goes to negotiation by itself where nobody replied in time', async () => {
  const { id } = await by.ask();
  platform.advance(20 * 86_400_000);
  const later = await signIn(platform, 'sw-consumer');
  const stage = async () => (await later.call(personRoutes.showRequest, at(id))).stage;
  await expect.poll(stage, { timeout: 20_000 }).toBe('negotiation');
});
