import { agentRoutes, type CatalogResource, personRoutes, type Role } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';

const reason = '机构改革职能划转';
const whole: Partial<CatalogResource> = {
  summary: '本市登记的社会团体',
  classification: '306003',
  format: { class: 'database', type: 'PostgreSQL' },
  sharingModes: [{ by: 'platform', as: 'database' }],
  sharingScope: '各级政务部门',
  sharingUse: ['administrative-basis'],
  useRequirements: '只用于申请的事项',
};
const note = { note: '' };

function scene(town: Town) {
  const person = (department: string, role: Role) => town.person(department, role);
  const to = (department: string) => ({ to: department, reason });
  return {
    to,
    draft: async (code: string, department = 'ga', by = 'mz') =>
      (await person(by, 'catalog-editor')).call(personRoutes.draftTransfer, {
        params: { code },
        body: to(department),
      }),
    submit: async (code: string, by = 'mz') =>
      (await person(by, 'catalog-editor')).call(personRoutes.submitCatalog, { params: { code }, body: note }),
    verify: async (code: string, by: string) =>
      (await person(by, 'department-admin')).call(personRoutes.verifyCatalog, {
        params: { code },
        body: note,
      }),
    atOnce: async (code: string, department = 'ga', by = 'zs') =>
      (await person(by, 'approver')).call(personRoutes.transferCatalog, {
        params: { code },
        body: to(department),
      }),
    entry: async (code: string) =>
      (await person('sw', 'consumer')).call(personRoutes.showCatalog, { params: { code }, query: {} }),
    apply: async (resource: string, department = 'sw', items = ['uscc', 'name']) =>
      (await person(department, 'consumer')).call(personRoutes.apply, {
        body: {
          resource,
          items,
          purpose: { usage: 'data-check', matter: '核验', legalBasis: '征管法' },
          modes: ['docking'],
        },
      }),
    agreement: (id: string) => town.officer.call(personRoutes.showAgreement, { params: { id } }),
  };
}

describe('R009 with reviews: a change of the responsible department', () => {
  let platform: TestPlatform;
  let town: Town;
  let by: ReturnType<typeof scene>;
  const competent = () => town.person('zs', 'approver');
  beforeAll(async () => {
    platform = await startTestPlatform({ catalogReviews: true });
    town = await settle(platform);
    by = scene(town);
    for (const code of ['way', 'back', 'apart']) {
      const editor = await town.person('mz', 'catalog-editor');
      const params = { code };
      await editor.call(personRoutes.draftCatalog, { params, body: socialGroup({ ...whole, code }) });
      await by.submit(code);
      await by.verify(code, 'mz');
      await (await competent()).call(personRoutes.registerCatalog, { params, body: note });
      await by.submit(code);
      await (await competent()).call(personRoutes.releaseCatalog, { params, body: note });
    }
  });
  afterAll(() => platform.remove());

  it('R009 kept: drafted by who is responsible, verified by who is to be, registered and published by the competent one', async () => {
    const params = { code: 'way' };
    const drafted = await by.draft('way');
    expect(drafted).toMatchObject({ department: 'mz', resource: { department: 'ga' }, state: 'draft' });
    expect(drafted.steps.at(-1)).toMatchObject({ step: 'draft', note: reason });
    await by.submit('way');
    await expect(by.verify('way', 'mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    const seen = await (await town.person('ga', 'department-admin')).call(personRoutes.listDrafts, {
      query: {},
    });
    expect(seen.drafts.map(({ code }) => code)).toEqual(['way']);
    await by.verify('way', 'ga');
    await (await competent()).call(personRoutes.registerCatalog, { params, body: note });
    await by.submit('way');
    expect((await by.entry('way')).resource.department).toBe('mz');
    await (await competent()).call(personRoutes.releaseCatalog, { params, body: note });
    expect(await by.entry('way')).toMatchObject({
      resource: { department: 'ga', schemaVersion: 1 },
      publishedBy: 'zs-approver',
    });
    const reader = await town.person('sw', 'consumer');
    const { revisions } = await reader.call(personRoutes.listRevisions, { params });
    expect(revisions[0]!.changes.map(({ zh }) => zh)).toEqual(['信息资源提供方:mz → ga']);
  });

  it('R009 broken: not past the reviews, nor by a third department, nor to whom it is already', async () => {
    await expect(by.atOnce('back')).rejects.toMatchObject({ code: 'QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED' });
    await expect(by.draft('back', 'ga', 'sw')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_OTHER_DEPARTMENT',
    });
    await expect(by.draft('back', 'mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_TRANSFER_TO_SELF' });
    await expect(by.draft('back', 'nowhere')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DEPARTMENT_UNKNOWN',
    });
    await expect(by.draft('nothing')).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_UNKNOWN' });
    // the entry of a department that is no more is the competent one's to hand on
    await by.draft('back', 'ga', 'zs');
    await by.submit('back', 'zs');
    const returned = await (await town.person('ga', 'department-admin')).call(personRoutes.returnCatalog, {
      params: { code: 'back' },
      body: { reason: '不属本部门职能' },
    });
    expect(returned).toMatchObject({ state: 'draft', department: 'mz' });
    expect((await by.entry('back')).resource.department).toBe('mz');
  });

  it('R009 broken: a change of the entry and one of who is responsible do not take the place of each other', async () => {
    const editor = await town.person('mz', 'catalog-editor');
    const params = { code: 'apart' };
    const body = socialGroup({ ...whole, code: 'apart', useRequirements: '另有要求' });
    const refused = { code: 'QZ_PLATFORM_DRAFT_BESIDE' };
    await editor.call(personRoutes.draftCatalog, { params, body });
    await expect(by.draft('apart')).rejects.toMatchObject(refused);
    const shown = await editor.call(personRoutes.showDraft, { params });
    expect(shown.resource).toMatchObject({ department: 'mz', useRequirements: '另有要求' });
    await editor.call(personRoutes.discardCatalog, { params, body: note });
    await by.draft('apart');
    await expect(editor.call(personRoutes.draftCatalog, { params, body })).rejects.toMatchObject(refused);
    expect((await by.draft('apart', 'sw')).resource).toMatchObject({ department: 'sw' });
  });
});

describe('R009 without reviews: a change of the responsible department', () => {
  let platform: TestPlatform;
  let town: Town;
  let by: ReturnType<typeof scene>;
  beforeAll(async () => {
    platform = await startTestPlatform({ policy: { profile: 'jiangsu-2017' } });
    town = await settle(platform);
    by = scene(town);
    for (const code of ['both', 'once', 'held', 'gone', 'refused'])
      await publish(town, socialGroup({ code }));
  });
  afterAll(() => platform.remove());

  it('R009 is in force when both departments have agreed, or the competent one has', async () => {
    await by.draft('both');
    await by.submit('both');
    expect((await by.entry('both')).resource.department).toBe('mz');
    expect((await by.verify('both', 'ga')).state).toBe('published');
    expect((await by.entry('both')).resource.department).toBe('ga');
    await expect(by.atOnce('once', 'ga', 'mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_NOT_COMPETENT' });
    expect(await by.atOnce('once')).toMatchObject({ from: 'mz', to: 'ga' });
    expect((await by.entry('once')).resource.department).toBe('ga');
    const before = await town.person('mz', 'catalog-editor');
    await expect(
      before.call(personRoutes.publishCatalog, {
        params: { code: 'once' },
        body: socialGroup({ code: 'once' }),
      }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
  });

  it('R009 takes what the entry says on the day, and nothing of a withdrawn one', async () => {
    await by.draft('gone');
    await by.submit('gone');
    await publish(town, socialGroup({ code: 'gone', summary: '其间改过' }));
    const admin = await town.person('mz', 'department-admin');
    const params = { code: 'gone' };
    const body = { reason: '停办', liveAgreements: 'run-out' } as const;
    await admin.call(personRoutes.withdrawCatalog, { params, body });
    await expect(by.verify('gone', 'ga')).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_WITHDRAWN' });
    await publish(town, socialGroup({ code: 'gone', summary: '其间改过' }));
    await by.verify('gone', 'ga');
    expect((await by.entry('gone')).resource).toMatchObject({ department: 'ga', summary: '其间改过' });
  });

  it('R009 to who applied for it ends what was refused, too: nobody negotiates about his own', async () => {
    const { id } = await by.apply('refused', 'ga', ['uscc', 'phone']);
    const params = { id };
    const body = { reason: '与事项无关', ground: 'unrelated', legalBasis: '个人信息保护法第六条' } as const;
    await (await town.person('mz', 'approver')).call(personRoutes.refuse, { params, body });
    expect(await by.atOnce('refused')).toMatchObject({ renewedAgreements: [], endedAgreements: [] });
    expect(await by.agreement(id)).toMatchObject({ state: 'withdrawn', stage: 'withdrawn', reason });
    const negotiated = (await town.person('ga', 'consumer')).call(personRoutes.negotiate, {
      params,
      body: { reason: '履职所需' },
    });
    await expect(negotiated).rejects.toMatchObject({ code: 'QZ_MODEL_MATTER_ACT' });
  });

  it('R009 R044: agents of the department before supply no more; those of the new one after a review and an order of their own', async () => {
    const params = { code: 'held' };
    const [before, after] = [
      await enrolAgent(platform, town.officer, 'mz-1', 'mz'),
      await enrolAgent(platform, town.officer, 'ga-1', 'ga'),
    ];
    const supplied = async ({ client }: typeof before) =>
      (await client.call(agentRoutes.assignments, {})).body.supply.map(({ duty }) => duty.body.department);
    const order = async (department: string, agent: string) =>
      (await town.person(department, 'catalog-editor')).call(personRoutes.assignSupply, {
        params,
        body: { agent },
      });
    await order('mz', 'mz-1');
    expect(await supplied(before)).toEqual(['mz']);
    const granted = await by.apply('held');
    const own = await by.apply('held', 'ga');
    const pending = await by.apply('held', 'zs', ['uscc', 'phone']);
    expect([granted.state, own.state, pending.state]).toEqual(['granted', 'granted', 'applied']);
    const matter = () => town.officer.call(personRoutes.showMatter, { params: { id: pending.id } });
    const dutyOf = async (object: string) =>
      (await town.officer.call(personRoutes.listDuties, { query: { object, limit: 10, closed: false } }))
        .duties;
    const editor = await town.person('mz', 'catalog-editor');
    await editor.call(personRoutes.openCatalogUpdate, {
      body: { resources: ['held'], event: 'law-revised', note: '条例修订' },
    });
    const [reply, update] = [(await dutyOf(pending.id))[0], (await dutyOf('held'))[0]];

    const done = await by.atOnce('held');
    expect(done).toMatchObject({ renewedAgreements: [granted.id], endedAgreements: [own.id] });
    expect(await supplied(before)).toEqual([]);
    expect(await by.entry('held')).toMatchObject({ secrecyReview: null, suppliers: [] });
    await expect(order('ga', 'ga-1')).rejects.toMatchObject({ code: 'QZ_PLATFORM_SECRECY_REVIEW_MISSING' });
    await town.officer.call(personRoutes.reviewSecrecy, { params, body: { result: 'passed', note: '' } });
    await expect(order('mz', 'mz-1')).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    await order('ga', 'ga-1');
    expect([await supplied(before), await supplied(after)]).toEqual([[], ['ga']]);

    // what is granted goes on under the new provider, what is undecided is its to decide by the same day
    expect(await by.agreement(granted.id)).toMatchObject({
      state: 'granted',
      provider: 'ga',
      grant: { body: { provider: 'ga', grantVersion: 2, items: ['uscc', 'name'] } },
    });
    expect(await by.agreement(own.id)).toMatchObject({ state: 'revoked', grant: null, reason });
    expect(await matter()).toMatchObject({ provider: 'ga', stage: 'reply' });
    expect((await dutyOf(pending.id))[0]).toMatchObject({ id: reply!.id, dueDay: reply!.dueDay });
    expect((await dutyOf('held'))[0]).toMatchObject({
      id: update!.id,
      owner: 'ga',
      dueDay: update!.dueDay,
      state: 'open',
    });
    const approve = async (department: string) =>
      (await town.person(department, 'approver')).call(personRoutes.approve, {
        params: { id: pending.id },
        body: {},
      });
    await expect(approve('mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_UNKNOWN' });
    expect((await approve('ga')).state).toBe('granted');
  });
});
