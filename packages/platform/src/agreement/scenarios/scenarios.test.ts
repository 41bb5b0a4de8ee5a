import { type Application, type NewScenario, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { createParties, HUIZHOU, type Parties } from '../matters/test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  to = createParties(town);
});
afterAll(() => platform.remove());

const DAY = 86_400_000;
const purpose = { usage: 'data-check', matter: '实名办税', legalBasis: '税收征收管理法' } as const;
const code = (name: string) => ({ code: `QZ_PLATFORM_${name}` });
const after = (days: number) => new Date(platform.now().getTime() + days * DAY).toISOString();

let count = 0;
/** A scenario over a resource of its own. */
async function published(change: Partial<NewScenario> = {}) {
  const { resource } = await to.application();
  count += 1;
  const body: NewScenario = {
    id: `scene-${count}`,
    name: '实名办税核验',
    resource,
    items: ['uscc', 'name', 'legal_person'],
    purpose,
    modes: ['docking'],
    validTo: after(100),
    ...change,
  };
  return (await to.zs()).call(personRoutes.publishScenario, { body });
}

const apply = async (resource: string, scenario: string, change: Partial<Application> = {}) => {
  const body: Application = { resource, scenario, items: [], purpose, modes: ['docking'], ...change };
  return (await to.sw()).call(personRoutes.apply, { body });
};
const end = async (id: string) =>
  (await to.zs()).call(personRoutes.endScenario, { params: { id }, body: { reason: '事项取消' } });

it('R078 what a scenario names is granted directly, with its items and no longer than it lasts', async () => {
  const { id, resource, validTo } = await published();
  const granted = await apply(resource, id);
  expect(granted).toMatchObject({
    state: 'granted',
    items: ['uscc', 'name', 'legal_person'],
    validTo,
    decidedBy: `scenario:${id}`,
    grant: { body: { approvedBy: `scenario:${id}` } },
  });
  const less = await published();
  expect(await apply(less.resource, less.id, { items: ['uscc', 'name'], validTo: after(10) })).toMatchObject({
    state: 'granted',
    items: ['uscc', 'name'],
  });
});

it('R078 more than the scenario is refused and told what, and goes the usual way without it', async () => {
  const { id, resource } = await published();
  const beyond = code('SCENARIO_EXCEEDED');
  const asked: Partial<Application>[] = [
    { items: ['uscc', 'name', 'phone'] },
    { rows: "phone = '1'" },
    { modes: ['docking', 'sftp'] },
    { validTo: after(200) },
    { purpose: { ...purpose, matter: '其他事项' } },
    { purpose: { ...purpose, usage: 'work-reference' } },
  ];
  for (const change of asked) await expect(apply(resource, id, change)).rejects.toMatchObject(beyond);
  await expect(apply(resource, id, asked[0])).rejects.toMatchObject({ details: { beyond: 'phone' } });
  const items = ['uscc', 'name', 'phone'];
  const body: Application = { resource, items, purpose, modes: ['docking'] };
  expect(await (await to.sw()).call(personRoutes.apply, { body })).toMatchObject({ state: 'applied' });
});

it('R078 a scenario that ended or whose time is over grants no more, and what it granted stays', async () => {
  const { id, resource } = await published();
  const granted = await apply(resource, id, { items: ['uscc', 'name'] });
  expect(await end(id)).toMatchObject({ id, ended: { by: 'zs-approver', reason: '事项取消' } });
  await expect(end(id)).rejects.toMatchObject(code('SCENARIO_OVER'));
  await expect(apply(resource, id)).rejects.toMatchObject(code('SCENARIO_OVER'));
  const params = { id: granted.id };
  expect(await (await to.sw()).call(personRoutes.showAgreement, { params })).toMatchObject({
    state: 'granted',
  });
  const short = await published({ validTo: after(1 / 144) });
  const listed = async (ended: boolean) => {
    const { scenarios } = await (await to.sw()).call(personRoutes.listScenarios, { query: { ended } });
    return scenarios.map((one) => one.id);
  };
  expect(await listed(false)).toContain(short.id);
  expect(await listed(false)).not.toContain(id);
  platform.advance(DAY / 144 + 60_000);
  await expect(apply(short.resource, short.id)).rejects.toMatchObject(code('SCENARIO_OVER'));
  expect(await listed(false)).not.toContain(short.id);
  expect(await listed(true)).toEqual(expect.arrayContaining([id, short.id]));
});

it('R078 is published by a competent department, once, for what can be shared and a time to come', async () => {
  const scenario = await published();
  const { publishedBy, publishedAt, ended, ...body } = scenario;
  expect({ publishedBy, ended }).toEqual({ publishedBy: 'zs-approver', ended: null });
  expect(publishedAt <= platform.now().toISOString()).toBe(true);
  const provider = await to.mz();
  await expect(provider.call(personRoutes.publishScenario, { body })).rejects.toMatchObject(
    code('SCENARIO_COMPETENT_ONLY'),
  );
  const ending = provider.call(personRoutes.endScenario, {
    params: { id: scenario.id },
    body: { reason: '无' },
  });
  await expect(ending).rejects.toMatchObject(code('SCENARIO_COMPETENT_ONLY'));
  const again = (await to.zs()).call(personRoutes.publishScenario, { body });
  await expect(again).rejects.toMatchObject(code('SCENARIO_TAKEN'));
  await expect(published({ validTo: after(-1) })).rejects.toMatchObject(code('SCENARIO_PAST'));
  await expect(published({ items: ['uscc', 'remark'] })).rejects.toMatchObject(code('ITEMS_NOT_SHARED'));
  const other = await published();
  await expect(apply(scenario.resource, other.id)).rejects.toMatchObject(code('SCENARIO_UNKNOWN'));
});

it('R077 R078 where a confidentiality agreement is needed it is signed first: the usual way', async () => {
  await town.officer.call(personRoutes.usePolicy, { body: { profile: HUIZHOU, reason: '测试' } });
  const { id, resource } = await published();
  const itemBasis = { legal_person: '税收征收管理法第六条' };
  expect(await apply(resource, id, { itemBasis })).toMatchObject({ state: 'applied', stage: 'reply' });
  const open = await published();
  expect(await apply(open.resource, open.id, { items: ['uscc', 'name'] })).toMatchObject({
    state: 'granted',
  });
});
