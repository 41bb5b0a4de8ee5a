import { type CatalogDraft, type CatalogResource, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  platform = await startTestPlatform({ catalogReviews: true });
  town = await settle(platform);
});
afterAll(() => platform.remove());

/** An entry as it is to be registered. */
const entry = (code: string, change: Partial<CatalogResource> = {}) =>
  socialGroup({
    code,
    summary: '本市登记的社会团体',
    classification: '306003',
    format: { class: 'database', type: 'PostgreSQL' },
    sharingModes: [{ by: 'platform', as: 'database' }],
    sharingScope: '各级政务部门',
    sharingUse: ['administrative-basis'],
    useRequirements: '只用于申请的事项',
    ...change,
  });

const editor = () => town.person('mz', 'catalog-editor');
const admin = () => town.person('mz', 'department-admin');
const competent = () => town.person('zs', 'approver');
const draft = async (resource: CatalogResource) =>
  (await editor()).call(personRoutes.draftCatalog, { params: { code: resource.code }, body: resource });

const routes = {
  submit: [personRoutes.submitCatalog, editor],
  verify: [personRoutes.verifyCatalog, admin],
  register: [personRoutes.registerCatalog, competent],
  publish: [personRoutes.releaseCatalog, competent],
} as const;
type Step = keyof typeof routes;

async function take(code: string, ...steps: readonly Step[]): Promise<CatalogDraft> {
  let after: CatalogDraft | undefined;
  for (const step of steps) {
    const [route, who] = routes[step];
    after = await (await who()).call(route, { params: { code }, body: { note: '' } });
  }
  return after!;
}
const whole: readonly Step[] = ['submit', 'verify', 'register', 'submit', 'publish'];
const apply = async (resource: string) =>
  (await town.person('sw', 'consumer')).call(personRoutes.apply, {
    body: {
      resource,
      items: ['uscc', 'name'],
      purpose: { usage: 'data-check', matter: '核验', legalBasis: '征管法' },
      modes: ['docking'],
    },
  });

describe('R009: an entry comes into the catalog through its reviews', () => {
  it('by different persons, each step recorded, and not before the last', async () => {
    await draft(entry('way'));
    const states: string[] = [];
    for (const step of whole) {
      await expect(
        (await editor()).call(personRoutes.showCatalog, { params: { code: 'way' }, query: {} }),
      ).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_UNKNOWN' });
      states.push((await take('way', step)).state);
    }
    expect(states).toEqual(['submitted', 'verified', 'registered', 'awaiting', 'published']);
    const anyone = await town.person('sw', 'consumer');
    const shown = await anyone.call(personRoutes.showCatalog, { params: { code: 'way' }, query: {} });
    expect(shown).toMatchObject({ publishedBy: 'zs-approver', resource: { classification: '306003' } });
    const { steps } = await (await editor()).call(personRoutes.showDraft, { params: { code: 'way' } });
    expect(steps.map(({ step, by }) => `${step} ${by}`)).toEqual([
      'draft mz-catalog-editor',
      'submit mz-catalog-editor',
      'verify mz-department-admin',
      'register zs-approver',
      'submit mz-catalog-editor',
      'publish zs-approver',
    ]);
  });

  it('R009: not past them', async () => {
    await expect(publish(town, entry('past'))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED',
      kind: 'conflict',
    });
    await draft(entry('skip'));
    for (const step of ['verify', 'register', 'publish'] as const) {
      await expect(take('skip', step), step).rejects.toMatchObject({ code: 'QZ_PLATFORM_DRAFT_STATE' });
    }
  });

  it('R009: nobody reviews what they wrote, nor for another department', async () => {
    const both = await town.person('mz', 'catalog-editor', 'department-admin');
    const params = { code: 'alone' };
    await both.call(personRoutes.draftCatalog, { params, body: entry('alone') });
    await both.call(personRoutes.submitCatalog, { params, body: { note: '' } });
    await expect(both.call(personRoutes.verifyCatalog, { params, body: { note: '' } })).rejects.toMatchObject(
      {
        code: 'QZ_PLATFORM_SAME_PERSON',
        kind: 'denied',
      },
    );
    const alien = await town.person('sw', 'department-admin');
    await expect(
      alien.call(personRoutes.verifyCatalog, { params, body: { note: '' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_DRAFT_UNKNOWN' });
    await take('alone', 'verify');
    const provider = await town.person('mz', 'approver');
    await expect(
      provider.call(personRoutes.registerCatalog, { params, body: { note: '' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_NOT_COMPETENT', kind: 'denied' });
    expect((await take('alone', 'register')).state).toBe('registered');
  });

  it('R009: each review may send it back with a reason, and it begins anew', async () => {
    await draft(entry('back'));
    const params = { code: 'back' };
    const back = async (who: typeof admin) =>
      (await who()).call(personRoutes.returnCatalog, { params, body: { reason: '分类有误' } });
    await expect(back(competent)).rejects.toMatchObject({ code: 'QZ_PLATFORM_DRAFT_STATE' });
    await take('back', 'submit');
    const returned = await back(admin);
    expect(returned).toMatchObject({ state: 'draft' });
    expect(returned.steps.at(-1)).toMatchObject({ step: 'return', note: '分类有误' });
    await take('back', 'submit', 'verify');
    await expect(draft(entry('back'))).rejects.toMatchObject({ code: 'QZ_PLATFORM_DRAFT_STATE' });
    expect((await back(competent)).state).toBe('draft');
    await take('back', 'submit', 'verify', 'register', 'submit');
    expect((await back(competent)).state).toBe('draft');
    expect((await take('back', ...whole)).state).toBe('published');
  });

  it('R002: what is incomplete can be drafted, and is not submitted', async () => {
    const drafted = await draft(socialGroup({ code: 'thin' }));
    expect(drafted.findings.map(({ code }) => code)).toContain('ENTRY_INCOMPLETE');
    await expect(take('thin', 'submit')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REFUSED',
      details: { findings: expect.stringContaining('ENTRY_INCOMPLETE') },
    });
    const discard = { params: { code: 'thin' }, body: { note: '' } };
    expect((await (await editor()).call(personRoutes.discardCatalog, discard)).state).toBe('discarded');
  });

  it('lists what is on its way to its department and to the competent one', async () => {
    await draft(entry('listed'));
    const codes = async (who: Awaited<ReturnType<typeof editor>>) =>
      (await who.call(personRoutes.listDrafts, { query: { state: 'draft' } })).drafts.map(({ code }) => code);
    expect(await codes(await editor())).toContain('listed');
    expect(await codes(await competent())).toContain('listed');
    expect(await codes(await town.person('sw', 'consumer'))).toEqual([]);
  });
});

describe('R009: a withdrawal', () => {
  const withdrawal = async (code: string, liveAgreements: 'run-out' | 'end') =>
    (await editor()).call(personRoutes.draftWithdrawal, {
      params: { code },
      body: { reason: '职能划出', liveAgreements },
    });
  async function published(code: string) {
    await draft(entry(code));
    await take(code, ...whole);
    return apply(code);
  }

  it('goes the same way, and from then on nobody applies, while agreements run out', async () => {
    const { id, state } = await published('runs');
    expect(state).toBe('granted');
    await withdrawal('runs', 'run-out');
    const open = await take('runs', 'submit', 'verify', 'register', 'submit');
    expect(open.state).toBe('awaiting');
    expect((await take('runs', 'publish')).state).toBe('withdrawn');
    await expect(apply('runs')).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_WITHDRAWN' });
    const consumer = await town.person('sw', 'consumer');
    expect(await consumer.call(personRoutes.showAgreement, { params: { id } })).toMatchObject({
      state: 'granted',
    });
    // imported as it was, it is to be in the catalog again
    const again = { body: { resources: [entry('runs')] } };
    expect(await (await editor()).call(personRoutes.importCatalog, again)).toMatchObject({
      drafted: ['runs'],
    });
    await take('runs', ...whole);
    expect(await (await editor()).call(personRoutes.importCatalog, again)).toMatchObject({ drafted: [] });
    expect((await apply('runs')).state).toBe('granted');
  });

  it('ends agreements at once where it says so', async () => {
    const { id } = await published('ends');
    await withdrawal('ends', 'end');
    await take('ends', ...whole);
    const consumer = await town.person('sw', 'consumer');
    expect(await consumer.call(personRoutes.showAgreement, { params: { id } })).toMatchObject({
      state: 'revoked',
      reason: '职能划出',
      grant: null,
    });
  });

  it('is for the provider alone, and of what is published', async () => {
    const body = { reason: '职能划出', liveAgreements: 'end' } as const;
    await draft(entry('theirs'));
    await take('theirs', ...whole);
    const other = await town.person('sw', 'catalog-editor');
    await expect(
      other.call(personRoutes.draftWithdrawal, { params: { code: 'theirs' }, body }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    await expect(withdrawal('nothing', 'end')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RESOURCE_UNKNOWN',
    });
    await expect(
      (await admin()).call(personRoutes.withdrawCatalog, { params: { code: 'theirs' }, body }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_CATALOG_REVIEWS_REQUIRED' });
  });
});
