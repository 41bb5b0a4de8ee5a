import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentRoutes, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  enrolAgent,
  settle,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { at, code, createParties, type Parties, supplyRow } from './test-parties.js';

const profiles = new URL('../../../../../config/policy/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'qianzhi-policy-'));

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  const text = readFileSync(new URL('jiangsu-2017.yaml', profiles), 'utf8');
  const docking = text
    .replace('id: jiangsu-2017', 'id: docking-alone')
    .replace(/allowed: \[.*\]/, 'allowed: [docking]');
  writeFileSync(join(folder, 'docking-alone.yaml'), docking);
  const answered = text
    .replace('id: jiangsu-2017', 'id: asks-first')
    .replace('unconditional: null', 'unconditional: { n: 2, unit: workingDay, excludeStartDay: true }');
  writeFileSync(join(folder, 'asks-first.yaml'), answered);
  platform = await startTestPlatform({ policy: { folder } });
  town = await settle(platform);
  to = createParties(town);
});
afterAll(async () => {
  await platform.remove();
  rmSync(folder, { recursive: true });
});

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });
const purpose = { usage: 'data-check', matter: '核验', legalBasis: '税收征收管理法' } as const;

it('R063 the duty to supply runs until the first delivery, and ends with it', async () => {
  const provider = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  const consumer = await enrolAgent(platform, town.officer, 'sw-1', 'sw');
  const { id, resource } = await to.apply();
  expect((await to.approve(id)).state).toBe('granted');
  const owed = async () => (await to.matterOf(id)).clocks;
  expect(await owed()).toMatchObject([{ kind: 'agreement.supply', owner: 'mz', deadline: { n: 20 } }]);
  await supplyRow(town, provider, resource);
  expect(await owed()).toHaveLength(1);
  const asked = { resource, after: [], waitMs: 0, limit: 1 };
  await consumer.client.call(agentRoutes.pollDeliveries, { body: asked });
  await expect.poll(owed, { timeout: 20_000 }).toEqual([]);
});

it('a suspended grant stops at once, and comes back as the next version', async () => {
  const { id } = await to.apply();
  await to.approve(id);
  const act = async (route: 'suspend' | 'resume', department = 'mz') =>
    (await town.person(department, 'approver')).call(personRoutes[route], {
      ...at(id),
      body: { reason: route === 'suspend' ? '核查' : '核查完毕' },
    });
  const consumer = await enrolAgent(platform, town.officer, 'sw-2', 'sw');
  const lease = async () => {
    const { body } = await consumer.client.call(agentRoutes.lease, {});
    const named = (list: readonly { readonly agreement: string; readonly grantVersion: number }[]) =>
      list.filter(({ agreement }) => agreement === id).map(({ grantVersion }) => grantVersion);
    return { live: named(body.live), revoked: named(body.revoked) };
  };
  expect(await lease()).toEqual({ live: [1], revoked: [] });
  await expect(act('resume')).rejects.toMatchObject(code('PLATFORM_NOT_SUSPENDED'));
  await expect(act('suspend', 'sw')).rejects.toMatchObject(code('PLATFORM_DECISION_OWN_DEPARTMENT'));
  const suspended = await act('suspend');
  expect(suspended).toMatchObject({ state: 'suspended', grant: null });
  expect(await lease()).toEqual({ live: [], revoked: [1] });
  const { resource, items } = suspended;
  const again = (await to.sw()).call(personRoutes.apply, {
    body: { resource, items, purpose, modes: ['docking'] },
  });
  await expect(again).rejects.toMatchObject(code('PLATFORM_SUSPENDED'));
  expect(await act('resume')).toMatchObject({
    state: 'granted',
    reason: '核查完毕',
    grant: { body: { grantVersion: 2, items } },
  });
  expect(await lease()).toEqual({ live: [2], revoked: [1] });
});

it('R057 what is unconditional is obtained directly, unless the profile wants it answered', async () => {
  const open = { items: ['uscc', 'name'], purpose, itemBasis: {} };
  expect(await to.apply(open)).toMatchObject({ state: 'granted', decidedBy: 'rule:unconditional' });
  // not so what is conditional
  expect(await to.apply({ ...open, items: ['uscc', 'phone'] })).toMatchObject({ state: 'applied' });
  await judgedBy('asks-first');
  const { id, state } = await to.apply(open);
  expect(state).toBe('applied');
  expect((await to.matterOf(id)).clocks).toMatchObject([{ rule: 'R057', owner: 'mz', deadline: { n: 2 } }]);
  expect(await to.approve(id)).toMatchObject({ state: 'granted', decidedBy: 'mz-approver' });
  await judgedBy('national-2025');
});

it('R058 R059 where the competent department decides with the provider, neither does so alone', async () => {
  await judgedBy('guangdong-2018');
  const { id } = await to.apply();
  expect((await to.matterOf(id)).clocks).toMatchObject([{ owner: null, deadline: { n: 10 } }]);
  const decide = async () => (await to.zs()).call(personRoutes.approve, { ...at(id), body: {} });
  await expect(decide()).rejects.toMatchObject(code('PLATFORM_OPINION_MISSING'));
  expect(await to.approve(id)).toMatchObject({ state: 'applied', grant: null });
  expect(await to.matterOf(id)).toMatchObject({ stage: 'reply', opinion: 'agrees' });
  expect(await decide()).toMatchObject({ state: 'granted', decidedBy: 'zs-approver' });
});

it('R035 a mode that is not the default needs the competent department, the default none', async () => {
  await judgedBy('shuangliao-2019');
  const open = { items: ['uscc', 'name'], purpose, itemBasis: {} };
  expect(await to.apply({ ...open, modes: ['online-query'] })).toMatchObject({ state: 'granted' });
  const { id, state } = await to.apply({ ...open, modes: ['docking'] });
  expect(state).toBe('applied');
  expect(await to.approve(id)).toMatchObject({ state: 'applied' });
  const consent = (await to.zs()).call(personRoutes.approve, { ...at(id), body: {} });
  expect(await consent).toMatchObject({ state: 'granted' });
});

it('R034 a mode that the profile does not allow is not granted, one that it allows is', async () => {
  await judgedBy('docking-alone');
  const open = { items: ['uscc', 'name'], purpose };
  await expect(to.apply({ ...open, modes: ['sftp'] })).rejects.toMatchObject(
    code('PLATFORM_MODE_NOT_ALLOWED'),
  );
  expect(await to.apply({ ...open, modes: ['docking'] })).toMatchObject({ state: 'granted' });
});
