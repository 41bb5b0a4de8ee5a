import { agentRoutes, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  enrolAgent,
  publish,
  settle,
  signIn,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';

const DAY = 86_400_000;
const code = 'social_group';
const params = { code };
const reported = { upper: '省社会组织登记', platform: '省政务大数据中心', system: '省社会组织管理系统' };

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  await publish(town);
});
afterAll(() => platform.remove());

const refused = (name: string) => ({ code: `QZ_PLATFORM_${name}` });
const editor = () => town.person('mz', 'catalog-editor');
const supplyOf = async (agreement: string) => {
  const query = { object: agreement, kind: 'agreement.supply' as const, closed: true, limit: 10 };
  return (await (await signIn(platform, 'officer')).call(personRoutes.listDuties, { query })).duties[0]!;
};

it('R139 what a system of the superior reports need not be reported again: kept while waived, owed and late without', {
  timeout: 120_000,
}, async () => {
  const provider = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  const ordered = async () => {
    const { body } = await provider.client.call(agentRoutes.assignments, {});
    return body.supply.map(({ resource }) => resource.code);
  };
  const agent = { agent: 'mz-1' };
  await (await editor()).call(personRoutes.assignSupply, { params, body: agent });
  expect(await ordered()).toEqual([code]);

  const waived = await (await editor()).call(personRoutes.waiveSupply, { params, body: reported });
  expect(waived).toMatchObject({ resource: code, department: 'mz', ...reported, endedAt: null });
  expect(await ordered()).toEqual([]);
  const again = (await editor()).call(personRoutes.waiveSupply, { params, body: reported });
  await expect(again).rejects.toMatchObject(refused('SUPPLY_WAIVED'));
  const assigned = (await editor()).call(personRoutes.assignSupply, { params, body: agent });
  await expect(assigned).rejects.toMatchObject(refused('SUPPLY_WAIVED'));
  const shown = await (await editor()).call(personRoutes.showCatalog, { params, query: {} });
  expect(shown.waiver).toMatchObject(reported);

  const ended = (await editor()).call(personRoutes.endWaiver, { params, body: { reason: '改由本局系统' } });
  expect(await ended).toMatchObject({ endedBy: 'mz-catalog-editor', endReason: '改由本局系统' });
  expect(await ordered()).toEqual([code]);
  const twice = (await editor()).call(personRoutes.endWaiver, { params, body: { reason: 'x' } });
  await expect(twice).rejects.toMatchObject(refused('SUPPLY_NOT_WAIVED'));
  const list = async (query: { department?: string; ended: boolean }) =>
    (await (await editor()).call(personRoutes.listWaivers, { query })).waivers.length;
  expect(await list({ ended: false })).toBe(0);
  expect(await list({ ended: true, department: 'mz' })).toBe(1);
  expect(await list({ ended: true, department: 'sw' })).toBe(0);
});

it('R139 is recorded for the own department, or by an approver of the competent one, and by nobody else', async () => {
  const body = reported;
  const other = await town.person('sw', 'catalog-editor');
  const strange = refused('OTHER_DEPARTMENT');
  await expect(other.call(personRoutes.waiveSupply, { params, body })).rejects.toMatchObject(strange);
  const competent = await town.person('zs', 'approver');
  expect(await competent.call(personRoutes.waiveSupply, { params, body })).toMatchObject({
    waivedBy: 'zs-approver',
  });
  const end = { params, body: { reason: '测试' } };
  await expect(other.call(personRoutes.endWaiver, end)).rejects.toMatchObject(strange);
  await competent.call(personRoutes.endWaiver, end);
  const unknown = { params: { code: 'nothing' }, body };
  await expect(competent.call(personRoutes.waiveSupply, unknown)).rejects.toMatchObject(
    refused('RESOURCE_UNKNOWN'),
  );
  const blank = competent.call(personRoutes.waiveSupply, { params, body: { ...body, upper: ' ' } });
  await expect(blank).rejects.toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG' });
});

it('R139 no lateness counts while it is waived, of what was owed before and of what is granted meanwhile', {
  timeout: 120_000,
}, async () => {
  const apply = async (resource: string) => {
    await publish(town, socialGroup({ code: resource }));
    const purpose = { usage: 'data-check', matter: '核验', legalBasis: '税收征收管理法' } as const;
    const body = { resource, items: ['uscc', 'name', 'phone'], purpose, modes: ['docking' as const] };
    const { id } = await (await town.person('sw', 'consumer')).call(personRoutes.apply, { body });
    const mz = await town.person('mz', 'approver');
    return { id, approve: () => mz.call(personRoutes.approve, { params: { id }, body: {} }) };
  };
  const owed = await apply('owed');
  const other = await apply('other');
  const later = await apply('later');
  await owed.approve();
  await other.approve();
  for (const one of ['owed', 'later'])
    await (await editor()).call(personRoutes.waiveSupply, { params: { code: one }, body: reported });
  await later.approve();
  const standings = () =>
    Promise.all([owed, other, later].map(async ({ id }) => (await supplyOf(id)).standing));
  expect(await standings()).toEqual(['paused', 'running', 'paused']);
  const { dueDay } = await supplyOf(owed.id);

  platform.advance(10 * DAY);
  const admin = await signIn(platform, 'mz-catalog-editor');
  const end = { params: { code: 'owed' }, body: { reason: '恢复' } };
  await admin.call(personRoutes.endWaiver, end);
  const going = await supplyOf(owed.id);
  expect(going).toMatchObject({ state: 'open', pauses: [{ to: expect.any(String) }] });
  // the days it rested are not counted
  expect(going.dueDay! > dueDay!).toBe(true);
  expect((await supplyOf(later.id)).standing).toBe('paused');
  const { events } = await (await signIn(platform, 'officer')).call(personRoutes.dutyHistory, {
    params: { id: going.id },
  });
  expect(events.map(({ event }) => event)).toEqual(['opened', 'paused', 'resumed']);
  expect(events[1]?.note).toContain(reported.upper);
});
