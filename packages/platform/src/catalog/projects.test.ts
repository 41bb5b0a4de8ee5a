import { type CatalogResource, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  settle,
  signIn,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

const stage = 'pre-compiled' as const;
const entry = (code: string, acceptanceDue?: string, change: Partial<CatalogResource> = {}) =>
  socialGroup({
    code,
    kind: 'project',
    project: { name: '一体化审批平台', stage, ...(acceptanceDue !== undefined && { acceptanceDue }) },
    ...change,
  });

describe('R014 the catalog of a project', () => {
  let platform: TestPlatform;
  let town: Town;
  beforeAll(async () => {
    platform = await startTestPlatform();
    town = await settle(platform);
    for (const department of ['mz', 'sw']) await town.person(department, 'catalog-editor');
    await town.person('mz', 'department-admin');
    platform.advance(Date.parse('2026-03-02T02:00:00Z') - platform.now().getTime());
  });
  afterAll(() => platform.remove());

  // sessions end with the time that passes
  const as = (account: string) => signIn(platform, account);
  const editor = () => as('mz-catalog-editor');
  const put = async (body: CatalogResource) =>
    (await editor()).call(personRoutes.publishCatalog, { params: { code: body.code }, body });
  const duties = async (object: string) =>
    (await (await editor()).call(personRoutes.listDuties, { query: { object, closed: true, limit: 10 } }))
      .duties;
  const accept = async (code: string, acceptedOn: string) =>
    (await editor()).call(personRoutes.registerProject, {
      params: { code },
      body: { number: '2026-017', acceptedOn },
    });

  it('R014 kept: is registered at acceptance, with number, day and person; the day that is named is a duty until then', async () => {
    await put(entry('kept', '2026-03-20'));
    expect(await duties('kept')).toMatchObject([
      { kind: 'catalog.project', rule: 'R014', owner: 'mz', dueDay: '2026-03-20', state: 'open' },
    ]);
    await put(entry('kept', '2026-04-10'));
    expect((await duties('kept')).map(({ dueDay, state, outcome }) => [dueDay, state, outcome])).toEqual([
      ['2026-04-10', 'open', null],
      ['2026-03-20', 'closed', 'void'],
    ]);
    const { entry: registered, draft } = await accept('kept', '2026-03-01');
    expect(draft).toBeNull();
    expect(registered).toMatchObject({
      publishedBy: 'mz-catalog-editor',
      resource: { project: { stage: 'registered', number: '2026-017', acceptedOn: '2026-03-01' } },
    });
    expect((await duties('kept'))[0]).toMatchObject({ state: 'closed' });
    expect((await duties('kept')).map(({ outcome }) => outcome).sort()).toEqual(['done', 'void']);
  });

  it('R014 broken: not registered in time is overdue; what is no project, of others, or still to come is refused', async () => {
    await put(entry('late', '2026-03-04'));
    await put(entry('undated'));
    await put(socialGroup({ code: 'plain' }));
    expect(await duties('undated')).toEqual([]);
    const refused = async (code: string, day = '2026-03-01') => accept(code, day);
    await expect(refused('plain')).rejects.toMatchObject({ code: 'QZ_PLATFORM_PROJECT_NOT_PRECOMPILED' });
    await expect(refused('nothing')).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_UNKNOWN' });
    await expect(refused('late', '2026-12-01')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ACCEPTANCE_AHEAD',
    });
    await accept('undated', '2026-03-02');
    await expect(refused('undated')).rejects.toMatchObject({ code: 'QZ_PLATFORM_PROJECT_NOT_PRECOMPILED' });
    platform.advance(5 * 86_400_000);
    const { resources } = await (await editor()).call(personRoutes.listCatalog, {
      query: { project: 'late' },
    });
    expect(resources.map(({ resource }) => resource.code)).toEqual(['late']);
    await expect.poll(async () => (await duties('late'))[0]?.standing, { timeout: 20_000 }).toBe('overdue');
    const other = await as('sw-catalog-editor');
    const body = { number: 'x', acceptedOn: '2026-03-01' };
    await expect(
      other.call(personRoutes.registerProject, { params: { code: 'late' }, body }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    const admin = await as('mz-department-admin');
    await admin.call(personRoutes.withdrawCatalog, {
      params: { code: 'late' },
      body: { reason: '项目终止', liveAgreements: 'end' },
    });
    expect(await duties('late')).toMatchObject([{ state: 'closed', outcome: 'void' }]);
  });
});

it('R014 R009 where the platform asks for reviews, registering is a draft that goes through them', async () => {
  const platform = await startTestPlatform({ catalogReviews: true });
  try {
    const town = await settle(platform);
    const whole = entry('way', '2026-03-20', {
      summary: '审批结果',
      classification: '306003',
      format: { class: 'database', type: 'PostgreSQL' },
      sharingModes: [{ by: 'platform', as: 'database' }],
      sharingScope: '各级政务部门',
      sharingUse: ['administrative-basis'],
      useRequirements: '只用于申请的事项',
    });
    const params = { code: 'way' };
    const note = { params, body: { note: '' } };
    const editor = await town.person('mz', 'catalog-editor');
    const competent = await town.person('zs', 'approver');
    await editor.call(personRoutes.draftCatalog, { params, body: whole });
    await editor.call(personRoutes.submitCatalog, note);
    await (await town.person('mz', 'department-admin')).call(personRoutes.verifyCatalog, note);
    await competent.call(personRoutes.registerCatalog, note);
    await editor.call(personRoutes.submitCatalog, note);
    await competent.call(personRoutes.releaseCatalog, note);
    const body = { number: '2026-017', acceptedOn: '2026-01-05' };
    const { entry: none, draft } = await editor.call(personRoutes.registerProject, { params, body });
    expect(none).toBeNull();
    expect(draft).toMatchObject({ state: 'draft', resource: { project: { stage: 'registered' } } });
    const shown = await editor.call(personRoutes.showCatalog, { params, query: {} });
    expect(shown.resource.project?.stage).toBe(stage);
  } finally {
    await platform.remove();
  }
});
