/** For tests: a world in which it can be tried whose data each route touches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformClient } from '@qianzhi/client';
import { agentRoutes, personRoutes, type Role } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { bytesDigest } from '@qianzhi/rows';
import { createSealer } from '../exchange/test-sealer.js';
import {
  enrolAgent,
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestAgent,
} from './test-platform.js';

const code = { code: 'social_group' };
const stream = { resource: 'social_group', agent: 'mz-1', epoch: 1 };

/** 民政 provides, 税务 consumes, 公安 (ga) has nothing to do with it. */
export interface World {
  person(department: string | null, role: Role): Promise<PlatformClient>;
  /** Between 民政 and 税务. */
  readonly agreement: string;
  /** What 民政 owes: the reply to an application. */
  readonly duty: string;
  /** Another one of 民政, which nobody misses. */
  readonly revocable: string;
  /** An agent of 公安. */
  readonly stranger: TestAgent;
  textOf(file: string): string;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const server = await startTestPlatform();
  const town = await settle(server);
  const provider = await enrolAgent(server, town.officer, 'mz-1', 'mz');
  const consumer = await enrolAgent(server, town.officer, 'sw-1', 'sw');
  const stranger = await enrolAgent(server, town.officer, 'ga-1', 'ga');
  await publish(town);
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.assignSupply, { params: code, body: { agent: 'mz-1' } });
  const { body } = await provider.client.call(agentRoutes.assignments, {});
  const apply = async (department: string) =>
    (await town.person(department, 'consumer')).call(personRoutes.apply, {
      body: {
        resource: 'social_group',
        items: ['uscc', 'name'],
        purpose: { usage: 'data-check', matter: '核验', legalBasis: '征管法' },
        modes: ['docking', 'batch-download'],
      },
    });
  const agreement = await apply('sw');
  const revocable = await apply('zs');
  await publish(town, socialGroup({ code: 'group_members' }));
  const waiting = await (await town.person('zs', 'consumer')).call(personRoutes.apply, {
    body: {
      resource: 'group_members',
      items: ['uscc', 'legal_person'],
      purpose: { usage: 'data-check', matter: '核验', legalBasis: '征管法' },
      modes: ['docking'],
    },
  });
  const matter = await (await town.person('zs', 'consumer')).call(personRoutes.showMatter, {
    params: { id: waiting.id },
  });
  const sealer = createSealer(stream, provider.key, documentDigest(body.supply[0]!.duty, intlSuite));
  const group = ['91350100M000100Y43', '市民政协会', '王五', '13800138000', '内部'];
  const { path, headers, bytes } = await sealer.next({ rows: [['U', ...group]] });
  const sent = { headers: headers as Record<string, string>, body: bytes, bodyDigest: bytesDigest(bytes) };
  await provider.client.call(agentRoutes.sendBatch, { params: { ...path }, ...sent });
  const asked = { resource: 'social_group', after: [], waitMs: 0, limit: 1 };
  await consumer.client.call(agentRoutes.pollDeliveries, { body: asked });
  return {
    agreement: agreement.id,
    revocable: revocable.id,
    duty: matter.clocks[0]!.id,
    stranger,
    // the officer of a test platform has another name than others of the role
    person: (department, role) =>
      role === 'security-officer' ? Promise.resolve(town.officer) : town.person(department, role),
    textOf: (file) => readFileSync(join(import.meta.dirname, '..', file), 'utf8'),
    close: server.remove,
  };
}
