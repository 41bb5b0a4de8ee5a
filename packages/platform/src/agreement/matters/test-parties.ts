/** For tests: 税务 applies to 民政, which decides; 政数 is competent. Each application is for a resource of its own. */
import { type Application, agentRoutes, type Matter, personRoutes, type Refusal } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { bytesDigest } from '@qianzhi/rows';
import { createSealer } from '../../exchange/test-sealer.js';
import { publish, socialGroup, type TestAgent, type Town } from '../../server/test-platform.js';

/** Reply within 5 working days, of a first application within 10; everything is stated and everything can be ruled on. */
export const HUIZHOU = 'huizhou-draft-2016';

/** A refusal as that profile wants it. */
export const LAW: Refusal = {
  reason: '联系电话与事项无关',
  ground: 'unrelated',
  legalBasis: '个人信息保护法第六条',
};

/** Why the resource is not unconditional, for the profiles that ask. */
const BASIS = { kind: 'administrative-regulation', title: '社会团体登记管理条例' } as const;

export const at = (id: string) => ({ params: { id } });
export const code = (name: string) => ({ code: `QZ_${name}` });

export function createParties(town: Town) {
  let count = 0;
  const sw = () => town.person('sw', 'consumer');
  const mz = () => town.person('mz', 'approver');
  const zs = () => town.person('zs', 'approver');

  async function application(change: Partial<Application> = {}): Promise<Application> {
    count += 1;
    const resource = `matter_${count}`;
    await publish(town, socialGroup({ code: resource, legalBasis: [BASIS] }));
    return {
      resource,
      items: ['uscc', 'name', 'legal_person', 'phone'],
      purpose: { usage: 'administrative-basis', matter: '实名办税', legalBasis: '' },
      itemBasis: { legal_person: '税收征收管理法第六条', phone: '税收征收管理法实施细则第九条' },
      modes: ['docking'],
      ...change,
    };
  }

  return {
    sw,
    mz,
    zs,
    application,
    apply: async (change: Partial<Application> = {}) => {
      const body = await application(change);
      return (await sw()).call(personRoutes.apply, { body });
    },
    sign: async (id: string) =>
      (await sw()).call(personRoutes.signConfidentiality, {
        ...at(id),
        body: { text: '安全保密协议', signatory: '王五' },
      }),
    refuse: async (id: string, body: Refusal = LAW) =>
      (await mz()).call(personRoutes.refuse, { ...at(id), body }),
    approve: async (id: string) => (await mz()).call(personRoutes.approve, { ...at(id), body: {} }),
    matterOf: async (id: string): Promise<Matter> => (await sw()).call(personRoutes.showMatter, at(id)),
    negotiate: async (id: string) =>
      (await sw()).call(personRoutes.negotiate, { ...at(id), body: { reason: '履职所需', workingDays: 5 } }),
    review: async (id: string) =>
      (await zs()).call(personRoutes.openReview, { ...at(id), body: { record: '双方未达成一致' } }),
    rule: async (id: string, outcome: 'share' | 'not-share') =>
      (await zs()).call(personRoutes.rule, { ...at(id), body: { outcome, record: '裁定书第 1 号' } }),
  };
}
/** 民政's agent is ordered to supply the resource, and sends one row of it. */
export async function supplyRow(town: Town, { agent, client, key }: TestAgent, resource: string) {
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.assignSupply, { params: { code: resource }, body: { agent } });
  const { body } = await client.call(agentRoutes.assignments, {});
  const { duty } = body.supply.find((one) => one.resource.code === resource)!;
  const sealer = createSealer({ resource, agent, epoch: 1 }, key, documentDigest(duty, intlSuite));
  const row = ['91350100M000100Y43', '市民政协会', '王五', '13800138000', '内部'];
  const { path, headers, bytes } = await sealer.next({ rows: [['U', ...row]] });
  const sent = { headers: headers as Record<string, string>, body: bytes, bodyDigest: bytesDigest(bytes) };
  await client.call(agentRoutes.sendBatch, { params: { ...path }, ...sent });
}

export type Parties = ReturnType<typeof createParties>;
