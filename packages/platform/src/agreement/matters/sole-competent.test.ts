import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { wanted } from '../off-catalog/test-requests.js';
import { at, code, createParties, LAW, type Parties } from './test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  await judgedBy('guangdong-2018');
  to = createParties(town);
});
afterAll(() => platform.remove());

const register = (id: string, competent: boolean) =>
  town.officer.call(personRoutes.putDepartment, {
    params: { id },
    body: { id, name: id, police: false, competent },
  });
const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });
const negotiation = { reason: '履职所需' };

it('where the only competent department applies the provider decides alone, and nobody rules until another is registered', {
  timeout: 120_000,
}, async () => {
  const zs = await town.person('zs', 'consumer');
  const apply = async (change = {}) => zs.call(personRoutes.apply, { body: await to.application(change) });
  const matter = (id: string) => zs.call(personRoutes.showMatter, at(id));

  const granted = await apply();
  expect((await matter(granted.id)).clocks).toMatchObject([{ kind: 'agreement.reply', owner: 'mz' }]);
  const own = (await to.zs()).call(personRoutes.approve, { ...at(granted.id), body: {} });
  await expect(own).rejects.toMatchObject(code('PLATFORM_DECISION_OWN_DEPARTMENT'));
  expect(await to.approve(granted.id)).toMatchObject({ state: 'granted', decidedBy: 'mz-approver' });

  const undecided = await apply();

  const basis = { remark: '行政处罚法第五十四条' };
  const restricted = apply({ items: ['uscc', 'name', 'remark'], itemBasis: basis, need: '查处' });
  const none = { ...code('PLATFORM_RULING_BODY_NONE'), kind: 'conflict' };
  // this profile knows no ruling at all
  await expect(restricted).rejects.toMatchObject(none);
  await judgedBy('jiangsu-2017');
  const { id } = await apply();
  expect(await to.refuse(id, LAW)).toMatchObject({ state: 'refused' });
  expect((await matter(id)).next.map(({ act }) => act)).toEqual(['withdraw']);
  const alone = () => zs.call(personRoutes.negotiate, { ...at(id), body: negotiation });
  await expect(alone()).rejects.toMatchObject(none);
  const asked = await zs.call(personRoutes.makeRequest, { body: { ...wanted, department: 'mz' } });
  await (await to.mz()).call(personRoutes.refuseRequest, { ...at(asked.id), body: LAW });
  const request = () => zs.call(personRoutes.negotiateRequest, { ...at(asked.id), body: negotiation });
  await expect(request()).rejects.toMatchObject(none);

  await register('ldxz', true);
  // what came to be owed by the provider alone is still its to decide
  expect(await to.approve(undecided.id)).toMatchObject({ state: 'granted', decidedBy: 'mz-approver' });
  expect(await request()).toMatchObject({ stage: 'negotiation' });
  expect(await alone()).toMatchObject({ stage: 'negotiation' });
  const group = await town.person('ldxz', 'approver');
  await group.call(personRoutes.openReview, { ...at(id), body: { record: '未达成一致' } });
  const ruling = { outcome: 'share' as const, record: '领导小组第 1 号' };
  expect(await group.call(personRoutes.rule, { ...at(id), body: ruling })).toMatchObject({
    state: 'granted',
  });
});

it('with another competent department that one decides with the provider, as the profile has it', async () => {
  await register('ldxz', true);
  await judgedBy('guangdong-2018');
  const zs = await town.person('zs', 'consumer');
  const { id } = await zs.call(personRoutes.apply, { body: await to.application() });
  await register('ldxz', false);
  expect(await to.approve(id)).toMatchObject({ state: 'applied' });
  expect((await zs.call(personRoutes.showMatter, at(id))).clocks).toMatchObject([{ owner: null }]);
  await register('ldxz', true);
  const group = await town.person('ldxz', 'approver');
  expect(await group.call(personRoutes.approve, { ...at(id), body: {} })).toMatchObject({ state: 'granted' });
});
