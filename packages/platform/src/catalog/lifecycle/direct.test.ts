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
