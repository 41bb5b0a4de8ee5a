import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Department, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, type Parties } from './test-parties.js';

const profiles = new URL('../../../../../config/policy/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'qianzhi-policy-'));

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  const answered = readFileSync(new URL('jiangsu-2017.yaml', profiles), 'utf8')
    .replace('id: jiangsu-2017', 'id: asks-first')
    .replace('unconditional: null', 'unconditional: { n: 2, unit: workingDay, excludeStartDay: true }');
  writeFileSync(join(folder, 'asks-first.yaml'), answered);
  platform = await startTestPlatform({ policy: { folder } });
  town = await settle(platform);
  await judgedBy(HUIZHOU);
  to = createParties(town);
  const all: Department[] = [
    { id: 'sw', name: '惠城区税务局', region: '441302', police: false, competent: false },
    { id: 'hc', name: '惠城区政数局', region: '441302', police: false, competent: true },
    { id: 'mz', name: '惠阳区民政局', region: '441303', police: false, competent: false },
    { id: 'zs', name: '市政数局', region: '441300', police: false, competent: true },
  ];
  for (const body of all)
    await town.officer.call(personRoutes.putDepartment, { params: at(body.id).params, body });
});
afterAll(async () => {
  await platform.remove();
  rmSync(folder, { recursive: true });
});

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });
const forward = async (id: string, department = 'hc') =>
  (await town.person(department, 'approver')).call(personRoutes.forwardApplication, {
    ...at(id),
    body: { note: '转惠阳区' },
  });
const acts = async (id: string) => (await to.matterOf(id)).events.map(({ act }) => act);

describe('R075 an application to a department under another competent department', () => {
  it('is forwarded by the applicant’s within the days of the profile, and only then the reply is owed', async () => {
    const { id, stage } = await to.apply();
    expect(stage).toBe('forwarding');
    expect((await to.matterOf(id)).clocks).toMatchObject([
      { kind: 'agreement.forward', owner: 'hc', rule: 'R075', deadline: { n: 5, unit: 'workingDay' } },
    ]);
    await to.sign(id);
    await expect(to.approve(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    await expect(to.refuse(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    await expect(forward(id, 'zs')).rejects.toMatchObject(code('PLATFORM_FORWARD_NOT_OWN'));
    await expect(forward(id, 'mz')).rejects.toMatchObject(code('PLATFORM_FORWARD_NOT_OWN'));
    const forwarded = await forward(id);
    expect(forwarded).toMatchObject({
      stage: 'reply',
      clocks: [{ kind: 'agreement.reply', owner: 'mz', deadline: { n: 10 } }],
    });
    const { duties } = await town.officer.call(personRoutes.listDuties, {
      query: { object: id, kind: 'agreement.forward', closed: true, limit: 10 },
    });
    expect(duties).toMatchObject([{ state: 'closed', outcome: 'done', note: '转惠阳区' }]);
    await expect(forward(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    expect(await to.approve(id)).toMatchObject({ state: 'granted' });
    expect(await acts(id)).toEqual(['apply', 'sign', 'forward', 'grant']);
  });

  it('is the second of its department: replied to within the shorter time once forwarded', async () => {
    const first = await to.apply();
    await forward(first.id);
    await to.refuse(first.id);
    const body = { ...(await to.application()), resource: first.resource };
    const { id } = await (await to.sw()).call(personRoutes.apply, { body });
    expect((await forward(id)).clocks).toMatchObject([{ kind: 'agreement.reply', deadline: { n: 5 } }]);
  });

  it('R057 for what is unconditional is replied to within the days for that once forwarded', async () => {
    await judgedBy('asks-first');
    const purpose = { usage: 'data-check', matter: '核验', legalBasis: '' } as const;
    const { id } = await to.apply({ items: ['uscc', 'name'], purpose, itemBasis: {} });
    await judgedBy(HUIZHOU);
    expect(await forward(id)).toMatchObject({
      stage: 'reply',
      clocks: [{ kind: 'agreement.reply', rule: 'R057', deadline: { n: 2 } }],
    });
  });

  it('may be withdrawn before it is forwarded, and nothing is owed then', async () => {
    const { id } = await to.apply();
    await (await to.sw()).call(personRoutes.withdrawApplication, { ...at(id), body: { reason: '不再需要' } });
    expect((await to.matterOf(id)).clocks).toEqual([]);
    await expect(forward(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });

  it('for what is not shared is forwarded before it is negotiated', async () => {
    const wanted = { items: ['uscc', 'remark'], itemBasis: { remark: '行政处罚法第五十四条' } };
    const { id } = await to.apply({ ...wanted, need: '查处无证组织' });
    expect(await to.matterOf(id)).toMatchObject({ stage: 'forwarding', restricted: true });
    expect(await forward(id)).toMatchObject({
      stage: 'negotiation',
      clocks: [{ kind: 'agreement.negotiate', rule: 'R138' }],
    });
  });

  it('has no deadline for the forwarding where the profile names none', async () => {
    await judgedBy('jiangsu-2017');
    const { id } = await to.apply();
    await judgedBy(HUIZHOU);
    expect((await to.matterOf(id)).clocks).toMatchObject([
      { kind: 'agreement.forward', deadline: null, dueDay: null },
    ]);
    expect((await forward(id)).stage).toBe('reply');
  });
});

describe('R075 nothing is forwarded', () => {
  const placed = (region: string | undefined) =>
    town.officer.call(personRoutes.putDepartment, {
      ...at('mz'),
      body: { id: 'mz', name: '民政局', police: false, competent: false, ...(region && { region }) },
    });

  it.each(['441302', undefined])('to a department of region %s', async (region) => {
    await placed(region);
    const { id } = await to.apply();
    expect(await to.matterOf(id)).toMatchObject({ stage: 'reply', clocks: [{ kind: 'agreement.reply' }] });
    await expect(forward(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });

  it('and a region that is none is refused', async () => {
    await expect(placed('44130')).rejects.toMatchObject(code('MODEL_SHAPE_WRONG'));
  });
});
