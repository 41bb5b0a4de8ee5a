/** For tests: 税务 asks 民政 for what is in no catalog; 政数 is competent. */
import { type NewOffCatalogRequest, type OffCatalogRequest, personRoutes } from '@qianzhi/model';
import { settle, startTestPlatform, type Town } from '../../server/test-platform.js';
import { at, HUIZHOU } from '../matters/test-parties.js';

export const wanted: NewOffCatalogRequest = {
  name: '社会组织年检结果',
  items: [
    { name: '统一社会信用代码', legalBasis: '税收征收管理法第六条' },
    { name: '法定代表人', legalBasis: '税收征收管理法第十五条' },
    { name: '年检结论', legalBasis: '税收征收管理法第五十七条' },
  ],
  purpose: { usage: 'administrative-basis', matter: '非营利组织免税资格认定', legalBasis: '' },
  modes: ['docking'],
};

export const clocksOf = ({ matter }: OffCatalogRequest) => matter?.clocks ?? [];
export const actsOf = ({ matter }: OffCatalogRequest) => matter?.events.map(({ act }) => act);

export function createRequesters(town: Town) {
  const mz = () => town.person('mz', 'approver');
  return {
    ask: async (change: Partial<NewOffCatalogRequest> = {}) =>
      (await town.person('sw', 'consumer')).call(personRoutes.makeRequest, {
        body: { ...wanted, department: 'mz', ...change },
      }),
    accept: async (id: string) => (await mz()).call(personRoutes.acceptRequest, { ...at(id), body: {} }),
    show: async (id: string, department = 'sw') =>
      (await town.person(department, 'consumer')).call(personRoutes.showRequest, at(id)),
    link: async (id: string, resource: string, columns: Record<string, string> = {}) =>
      (await town.person('mz', 'catalog-editor')).call(personRoutes.linkRequest, {
        ...at(id),
        body: { resource, columns },
      }),
  };
}

/** A town that is judged by a profile with negotiation and ruling. */
export async function startRequestTown() {
  const platform = await startTestPlatform();
  const town = await settle(platform);
  await town.officer.call(personRoutes.usePolicy, { body: { profile: HUIZHOU, reason: '测试' } });
  return { platform, town, by: createRequesters(town) };
}

export type Requesters = ReturnType<typeof createRequesters>;
