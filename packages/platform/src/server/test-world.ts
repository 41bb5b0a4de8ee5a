/** For tests: a platform on which something moved between two departments, and a third that is to see none of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlatformClient } from '@qianzhi/client';
import { agentRoutes, isQianzhiError, personRoutes, type Role } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { bytesDigest } from '@qianzhi/rows';
import { createSealer } from '../exchange/test-sealer.js';
import { enrolAgent, publish, settle, startTestPlatform, type TestAgent } from './test-platform.js';

/** 民政 provides, 税务 consumes, 公安 (ga) has nothing to do with it. */
export interface World {
  person(department: string | null, role: Role): Promise<PlatformClient>;
  /** Between 民政 and 税务. */
  readonly agreement: string;
  /** Another one of 民政, which nobody misses. */
  readonly revocable: string;
  /** Of 税务, for what 民政 has in no catalog. */
  readonly request: string;
  /** Of 民政: its technician left. */
  readonly duty: string;
  /** An agent of 公安. */
  readonly stranger: TestAgent;
  textOf(file: string): string;
  close(): Promise<void>;
}

/** The code it was refused with; undefined where it was not. */
export async function refusedCode(done: Promise<unknown>): Promise<string | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    if (isQianzhiError(error)) return error.code;
    throw error;
  }
}

export async function startWorld(): Promise<World> {
  const server = await startTestPlatform();
  const town = await settle(server);
  const provider = await enrolAgent(server, town.officer, 'mz-1', 'mz');
  const consumer = await enrolAgent(server, town.officer, 'sw-1', 'sw');
  const stranger = await enrolAgent(server, town.officer, 'ga-1', 'ga');
  await publish(town);
  const editor = await town.person('mz', 'catalog-editor');
  await editor.call(personRoutes.assignSupply, { params: { code: 'social_group' }, body: { agent: 'mz-1' } });
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
  const wanted = {
    name: '年检结果',
    items: [{ name: '年检结论' }],
    purpose: { usage: 'data-check' as const, matter: '核验', legalBasis: '征管法' },
    modes: ['docking' as const],
    department: 'mz',
  };
  const applicant = await town.person('sw', 'consumer');
  const request = await applicant.call(personRoutes.makeRequest, { body: wanted });
  const stream = { resource: 'social_group', agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, provider.key, documentDigest(body.supply[0]!.duty, intlSuite));
  const group = ['91350100M000100Y43', '市民政协会', '王五', '13800138000', '内部'];
  const { path, headers, bytes } = await sealer.next({ rows: [['U', ...group]] });
  const sent = { headers: headers as Record<string, string>, body: bytes, bodyDigest: bytesDigest(bytes) };
  await provider.client.call(agentRoutes.sendBatch, { params: { ...path }, ...sent });
  const asked = { resource: 'social_group', after: [], waitMs: 0, limit: 1 };
  await consumer.client.call(agentRoutes.pollDeliveries, { body: asked });
  const technician = { id: 'mz', role: 'technician' };
  const named = { name: '赵工', phone: '12345', title: '' };
  await town.officer.call(personRoutes.putContact, { params: technician, body: named });
  await town.officer.call(personRoutes.vacateContact, { params: technician, body: { reason: '调离' } });
  const query = { closed: false, limit: 1 };
  const { duties } = await town.officer.call(personRoutes.listDuties, { query });
  return {
    duty: duties[0]!.id,
    agreement: agreement.id,
    request: request.id,
    revocable: revocable.id,
    stranger,
    // the officer of a test platform has another name than others of the role
    person: (department, role) =>
      role === 'security-officer' ? Promise.resolve(town.officer) : town.person(department, role),
    textOf: (file) => readFileSync(join(import.meta.dirname, '..', file), 'utf8'),
    close: server.remove,
  };
}
