import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, createParties, HUIZHOU, type Parties } from './test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform({ policy: { profile: HUIZHOU } });
  town = await settle(platform);
  to = createParties(town);
});
afterAll(() => platform.remove());

const returned = { missing: '请写明信息项' };

describe('what is completed keeps all that its change does not name', () => {
  it('R034 of an application', async () => {
    const { id } = await to.apply({ modes: ['sftp'], items: ['legal_person'] });
    await (await to.mz()).call(personRoutes.returnApplication, { ...at(id), body: returned });
    const sw = await to.sw();
    // without the key, which docking would need
    const body = { note: '已补', change: { items: ['name', 'legal_person'] } };
    await sw.call(personRoutes.completeApplication, { ...at(id), body });
    expect(await sw.call(personRoutes.showAgreement, at(id))).toMatchObject({
      modes: ['sftp'],
      items: body.change.items,
    });
  });

  it('R034 of a request for what is in no catalog', async () => {
    const sw = await to.sw();
    const item = (name: string) => ({ name, legalBasis: '税收征收管理法第五十七条' });
    const { id } = await sw.call(personRoutes.makeRequest, {
      body: {
        name: '年检结果',
        items: [item('年检结论')],
        purpose: { usage: 'data-check', matter: '免税资格认定', legalBasis: '' },
        modes: ['sftp'],
        department: 'mz',
      },
    });
    await (await to.mz()).call(personRoutes.returnRequest, { ...at(id), body: returned });
    const body = { note: '已补', change: { items: [item('年检结论'), item('年度')] } };
    expect(await sw.call(personRoutes.completeRequest, { ...at(id), body })).toMatchObject({
      modes: ['sftp'],
      ...body.change,
    });
  });
});
