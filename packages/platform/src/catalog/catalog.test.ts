import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
let agent: TestAgent;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  agent = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
});
afterAll(() => platform.remove());

const put = async (resource = socialGroup()) =>
  (await town.person('mz', 'catalog-editor')).call(personRoutes.publishCatalog, {
    params: { code: resource.code },
    body: resource,
  });
const review = (code: string, result: 'passed' | 'failed') =>
  town.officer.call(personRoutes.reviewSecrecy, { params: { code }, body: { result, note: '' } });
const assign = async (code: string, name = agent.agent) =>
  (await town.person('mz', 'catalog-editor')).call(personRoutes.assignSupply, {
    params: { code },
    body: { agent: name },
  });

describe('publishing', () => {
  it('refuses an entry that breaks the rules, naming every finding in both languages', async () => {
    const { items } = socialGroup();
    const broken = socialGroup({
      code: 'broken',
      subject: 'person',
      items: [
        { ...items[1]!, key: true },
        { ...items[2]!, length: undefined as never },
      ],
    });
    const failure = put(JSON.parse(JSON.stringify(broken)));
    await expect(failure).rejects.toMatchObject({
      code: 'QZ_PLATFORM_CATALOG_REFUSED',
      details: { findings: expect.stringMatching(/LENGTH_MISSING\(legal_person\).*PERSON_NOT_IDENTIFIED/) },
      texts: {
        zh: { message: expect.stringContaining('身份证件') },
        en: { message: expect.stringContaining('identity document') },
      },
    });
    const { resources } = await town.officer.call(personRoutes.listCatalog, { query: { text: 'broken' } });
    expect(resources).toEqual([]);
  });

  it('is for an editor of the providing department', async () => {
    const editor = await town.person('sw', 'catalog-editor');
    const call = (department: string) =>
      editor.call(personRoutes.publishCatalog, {
        params: { code: 'theft' },
        body: socialGroup({ code: 'theft', department }),
      });
    await expect(call('mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT', kind: 'denied' });
    await put(socialGroup({ code: 'taken' }));
    await expect(
      editor.call(personRoutes.publishCatalog, {
        params: { code: 'taken' },
        body: socialGroup({ code: 'taken', department: 'sw' }),
      }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
  });

  it('numbers schema versions itself, keeps them all, and asks for a new review unless only words changed', async () => {
    const code = 'versions';
    const first = socialGroup({ code, schemaVersion: 7 });
    expect((await put(first)).resource.schemaVersion).toBe(1);
    await review(code, 'passed');
    const words = await put({
      ...first,
      summary: '更名',
      items: first.items.map((i) => ({ ...i, name: `${i.name} ` })),
    });
    expect(words).toMatchObject({ versions: [1], secrecyReview: { result: 'passed' } });
    const wider = {
      ...first,
      items: [...first.items, { name: '地址', column: 'address', type: 'C' as const, length: 9 }],
    };
    const second = await put(wider);
    expect(second).toMatchObject({ resource: { schemaVersion: 2 }, versions: [1, 2], secrecyReview: null });
    expect((await put(wider)).versions).toEqual([1, 2]);
    const anyone = await town.person('sw', 'consumer');
    const shown = await anyone.call(personRoutes.showCatalog, { params: { code }, query: { version: 1 } });
    expect(shown.resource).toMatchObject({ schemaVersion: 1, summary: '更名' });
    expect(shown.resource.items).toHaveLength(5);
    await expect(
      anyone.call(personRoutes.showCatalog, { params: { code }, query: { version: 9 } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_RESOURCE_VERSION_UNKNOWN' });
    await review(code, 'passed');
    const opened = await put({ ...wider, openness: 'open' });
    expect(opened).toMatchObject({ resource: { schemaVersion: 2 }, secrecyReview: null });
  });

  it('is found by department and by text taken literally', async () => {
    await put(socialGroup({ code: 'percent', name: '比例100%信息' }));
    const find = async (query: { department?: string; text?: string }) =>
      (await town.officer.call(personRoutes.listCatalog, { query })).resources.map(
        (entry) => entry.resource.code,
      );
    expect(await find({ text: '100%' })).toEqual(['percent']);
    expect(await find({ text: '_ercent' })).toEqual([]);
    expect(await find({ department: 'sw' })).toEqual([]);
  });
});

describe('supply', () => {
  it('waits for a passed secrecy review of the current schema version (R044)', async () => {
    const code = 'reviewed';
    await put(socialGroup({ code }));
    await expect(assign(code)).rejects.toMatchObject({
      code: 'QZ_PLATFORM_SECRECY_REVIEW_MISSING',
      kind: 'denied',
    });
    await review(code, 'failed');
    await expect(assign(code)).rejects.toMatchObject({ code: 'QZ_PLATFORM_SECRECY_REVIEW_MISSING' });
    await review(code, 'passed');
    expect((await assign(code)).suppliers).toEqual(['mz-1']);
  });

  it('is ordered of an enrolled agent of the own department only (R005)', async () => {
    await publish(town, socialGroup({ code: 'own' }));
    await enrolAgent(platform, town.officer, 'sw-1', 'sw');
    for (const name of ['sw-1', 'nobody']) {
      await expect(assign('own', name)).rejects.toMatchObject({ code: 'QZ_PLATFORM_SUPPLIER_NOT_ENROLLED' });
    }
    const admin = await town.person('sw', 'department-admin');
    await expect(
      admin.call(personRoutes.assignSupply, { params: { code: 'own' }, body: { agent: 'mz-1' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    await expect(
      admin.call(personRoutes.reviewSecrecy, {
        params: { code: 'own' },
        body: { result: 'passed', note: '' },
      }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
  });
});
