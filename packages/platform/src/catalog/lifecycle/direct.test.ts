import { personRoutes } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { publish, settle, socialGroup, startTestPlatform } from '../../server/test-platform.js';

it('where no reviews are asked for, an admin withdraws at once, and publishing again ends it', async () => {
  const platform = await startTestPlatform();
  try {
    const town = await settle(platform);
    await publish(town);
    const params = { code: 'social_group' };
    const consumer = await town.person('sw', 'consumer');
    const purpose = { usage: 'data-check', matter: '核验', legalBasis: '征管法' } as const;
    const application = { resource: params.code, items: ['uscc'], purpose, modes: ['docking' as const] };
    const { id } = await consumer.call(personRoutes.apply, { body: application });
    const admin = await town.person('mz', 'department-admin');
    const body = { reason: '并入其他资源', liveAgreements: 'end' } as const;
    const done = await admin.call(personRoutes.withdrawCatalog, { params, body });
    expect(done.endedAgreements).toEqual([id]);
    await expect(admin.call(personRoutes.withdrawCatalog, { params, body })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RESOURCE_WITHDRAWN',
    });
    await expect(consumer.call(personRoutes.apply, { body: application })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RESOURCE_WITHDRAWN',
    });
    await publish(town, socialGroup({ updateCycle: 'monthly' }));
    const { revisions } = await consumer.call(personRoutes.listRevisions, { params });
    expect(revisions.map(({ revision, changes }) => [revision, changes.map(({ zh }) => zh)])).toEqual([
      [2, ['更新周期:每日 → 每月']],
      [1, []],
    ]);
    await expect(
      consumer.call(personRoutes.listRevisions, { params: { code: 'nothing' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_UNKNOWN' });
    expect((await consumer.call(personRoutes.apply, { body: application })).state).toBe('granted');
  } finally {
    await platform.remove();
  }
});

it('R006 R007: a revised law opens a duty with the clock of the policy, which a change closes, or the statement that none is needed', async () => {
  const platform = await startTestPlatform({ policy: { profile: 'jiangsu-2017' } });
  try {
    const town = await settle(platform);
    await publish(town);
    const body = { resources: ['social_group'], event: 'law-revised' as const, note: '条例修订' };
    const stranger = await town.person('sw', 'catalog-editor');
    await expect(stranger.call(personRoutes.openCatalogUpdate, { body })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_OTHER_DEPARTMENT',
    });
    const competent = await town.person('zs', 'approver');
    const [duty] = (await competent.call(personRoutes.openCatalogUpdate, { body })).duties;
    expect(duty).toMatchObject({ object: 'social_group', owner: 'mz', rule: 'R006', deadline: { n: 15 } });
    const state = async () =>
      (await town.officer.call(personRoutes.listDuties, { query: {} })).duties.map(({ id, state }) => [
        id,
        state,
      ]);
    const open = await state();
    expect(open).toEqual([[duty?.id, 'open']]);
    await publish(town, socialGroup({ summary: '按修订后的条例' }));
    expect(await state()).toEqual([]);
    await competent.call(personRoutes.openCatalogUpdate, { body });
    expect(await state()).toHaveLength(1);
    const owed = await state();
    await publish(town, socialGroup({ summary: '按修订后的条例' }));
    const editor = await town.person('mz', 'catalog-editor');
    const resources = [socialGroup({ summary: '按修订后的条例' })];
    const again = await editor.call(personRoutes.importCatalog, { body: { resources } });
    expect(again.published).toMatchObject([{ change: 'unchanged' }]);
    expect(await state(), 'nobody has looked at it').toEqual(owed);
    const params = { code: 'social_group' };
    const admin = await town.person('mz', 'department-admin');
    const reason = { reason: '修订不涉及本资源' };
    const { closed } = await admin.call(personRoutes.confirmCatalog, { params, body: reason });
    expect(closed.map(({ id }) => [id, 'open'])).toEqual(owed);
    expect(await state()).toEqual([]);
    const { duty: done, events } = await admin.call(personRoutes.dutyHistory, {
      params: { id: closed[0]!.id },
    });
    expect(done).toMatchObject({ outcome: 'done', note: 'nothing to change: 修订不涉及本资源' });
    expect(events.at(-1)).toMatchObject({ event: 'closed', actor: 'person:mz-department-admin' });
    await expect(admin.call(personRoutes.confirmCatalog, { params, body: reason })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_UPDATE_NOT_OWED',
    });
    const other = await town.person('sw', 'department-admin');
    await expect(other.call(personRoutes.confirmCatalog, { params, body: reason })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_OTHER_DEPARTMENT',
    });
  } finally {
    await platform.remove();
  }
});

it('R007: where the policy names no number, the duty is never due; R023: what it asks a basis for is refused without', async () => {
  const platform = await startTestPlatform({ policy: { profile: 'shuangliao-2019' } });
  try {
    const town = await settle(platform);
    await expect(publish(town)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REFUSED',
      details: { findings: expect.stringContaining('CONDITIONAL_BASIS_MISSING') },
    });
    await publish(town, socialGroup({ legalBasis: [{ kind: 'law', title: '某法' }] }));
    const body = { resources: ['social_group'], event: 'functions-changed' as const, note: '划转' };
    const editor = await town.person('mz', 'catalog-editor');
    const [duty] = (await editor.call(personRoutes.openCatalogUpdate, { body })).duties;
    expect(duty).toMatchObject({ rule: 'R007', deadline: null, dueDay: null });
  } finally {
    await platform.remove();
  }
});

it('a code that another department published meanwhile is not taken over by the draft of the first', async () => {
  const platform = await startTestPlatform();
  try {
    const town = await settle(platform);
    const params = { code: 'social_group' };
    const note = { note: '' };
    const draft = socialGroup({
      department: 'sw',
      summary: '本市登记的社会团体',
      classification: '306003',
      format: { class: 'database', type: 'PostgreSQL' },
      sharingModes: [{ by: 'platform', as: 'database' }],
      sharingScope: '各级政务部门',
      sharingUse: ['administrative-basis'],
      useRequirements: '只用于申请的事项',
    });
    const editor = await town.person('sw', 'catalog-editor');
    await editor.call(personRoutes.draftCatalog, { params, body: draft });
    await publish(town);
    await editor.call(personRoutes.submitCatalog, { params, body: note });
    const admin = await town.person('sw', 'department-admin');
    await admin.call(personRoutes.verifyCatalog, { params, body: note });
    const competent = await town.person('zs', 'approver');
    await competent.call(personRoutes.registerCatalog, { params, body: note });
    await editor.call(personRoutes.submitCatalog, { params, body: note });
    await expect(competent.call(personRoutes.releaseCatalog, { params, body: note })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_OTHER_DEPARTMENT',
    });
    const shown = await editor.call(personRoutes.showCatalog, { params, query: {} });
    expect(shown.resource.department).toBe('mz');
  } finally {
    await platform.remove();
  }
});
