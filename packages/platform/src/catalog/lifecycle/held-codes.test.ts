import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  publish,
  settle,
  signIn,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
});
afterAll(() => platform.remove());

const draft = async (code: string, department: string) =>
  (await town.person(department, 'catalog-editor')).call(personRoutes.draftCatalog, {
    params: { code },
    body: socialGroup({ code, department }),
  });
const discard = async (code: string, note: string, department = 'zs') =>
  (await town.person(department, 'approver')).call(personRoutes.discardCatalog, {
    params: { code },
    body: { note },
  });

it('R009 a code that another department has begun to draft is held, by whom is said, and the competent one ends it', async () => {
  await draft('held', 'sw');
  await expect(draft('held', 'mz')).rejects.toMatchObject({
    code: 'QZ_PLATFORM_CODE_HELD',
    kind: 'conflict',
    details: { department: 'sw' },
  });
  const competent = await town.person('zs', 'approver');
  const { drafts } = await competent.call(personRoutes.listDrafts, { query: { state: 'draft' } });
  expect(drafts).toMatchObject([{ code: 'held', department: 'sw' }]);
  await expect(discard('held', '占用代码', 'sw')).rejects.toMatchObject({
    code: 'QZ_PLATFORM_NOT_COMPETENT',
  });
  await expect(discard('held', '占用代码', 'mz')).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DRAFT_UNKNOWN',
  });
  await expect(discard('held', ' ')).rejects.toMatchObject({
    code: 'QZ_PLATFORM_DISCARD_WITHOUT_REASON',
  });
  expect((await discard('held', '占用代码')).state).toBe('discarded');
  expect(await draft('held', 'mz')).toMatchObject({ department: 'mz', state: 'draft' });
});

it('R009 a draft of before gives way to whoever has published the code', async () => {
  await draft('published', 'sw');
  await publish(town, socialGroup({ code: 'published' }));
  expect(await draft('published', 'mz')).toMatchObject({ department: 'mz' });
});

it('R009 one that nobody hands in gives way after thirty days, one that was handed in does not', async () => {
  await draft('idle', 'sw');
  await draft('busy', 'sw');
  const body = {
    ...socialGroup({ code: 'busy', department: 'sw' }),
    summary: '本市登记的社会团体',
    classification: '306003',
    format: { class: 'database' as const, type: 'PostgreSQL' },
    sharingModes: [{ by: 'platform' as const, as: 'database' as const }],
    sharingScope: '各级政务部门',
    sharingUse: ['administrative-basis' as const],
    useRequirements: '只用于申请的事项',
  };
  const params = { code: 'busy' };
  const editor = await town.person('sw', 'catalog-editor');
  await editor.call(personRoutes.draftCatalog, { params, body });
  await editor.call(personRoutes.submitCatalog, { params, body: { note: '' } });
  platform.advance(31 * 86_400_000);
  const later = await signIn(platform, 'mz-catalog-editor');
  const again = (code: string) =>
    later.call(personRoutes.draftCatalog, { params: { code }, body: socialGroup({ code }) });
  expect(await again('idle')).toMatchObject({ department: 'mz', state: 'draft' });
  await expect(again('busy')).rejects.toMatchObject({ code: 'QZ_PLATFORM_CODE_HELD' });
});
