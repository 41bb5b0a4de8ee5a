import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  settle,
  signIn,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, type Parties } from './test-parties.js';

const profiles = new URL('../../../../../config/policy/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'qianzhi-policy-'));

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  const text = readFileSync(new URL(`${HUIZHOU}.yaml`, profiles), 'utf8');
  const days = text.replace(`id: ${HUIZHOU}`, 'id: calendar-days').replaceAll('workingDay', 'day');
  writeFileSync(join(folder, 'calendar-days.yaml'), days);
  platform = await startTestPlatform({ policy: { folder } });
  town = await settle(platform);
  await judgedBy(HUIZHOU);
  to = createParties(town);
});
afterAll(async () => {
  await platform.remove();
  rmSync(folder, { recursive: true });
});

const judgedBy = (profile: string) =>
  town.officer.call(personRoutes.usePolicy, { body: { profile, reason: '测试' } });

describe('a refusal', () => {
  it('R070 R071 R072 R073 R074 is negotiated, reviewed, published and ruled on, and then supplied in time', async () => {
    const { id } = await to.apply();
    await to.sign(id);
    await expect(to.review(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    await to.refuse(id);
    await expect(to.rule(id, 'share')).rejects.toMatchObject(code('PLATFORM_NOT_PENDING'));
    expect((await to.negotiate(id)).clocks).toMatchObject([
      { kind: 'agreement.negotiate', owner: null, rule: 'R070', deadline: { n: 5 } },
    ]);
    await expect(to.rule(id, 'share')).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    const early = (await to.mz()).call(personRoutes.openReview, { ...at(id), body: { record: '无' } });
    await expect(early).rejects.toMatchObject(code('PLATFORM_MATTER_NOT_COMPETENT'));
    expect(await to.review(id)).toMatchObject({ stage: 'joint-review' });
    expect(await to.rule(id, 'share')).toMatchObject({ state: 'granted' });
    const { clocks, events } = await to.matterOf(id);
    expect(clocks).toContainEqual(
      expect.objectContaining({
        kind: 'agreement.supply',
        rule: 'R074',
        deadline: expect.objectContaining({ n: 5 }),
      }),
    );
    expect(events.map(({ act }) => act)).toEqual([
      'apply',
      'sign',
      'refuse',
      'negotiate',
      'review',
      'uphold',
    ]);
    const { rulings } = await (await town.person('ga', 'operator')).call(personRoutes.listRulings, {
      query: { limit: 100 },
    });
    const published = rulings.filter(({ agreement }) => agreement === id);
    expect(published.map(({ act, text }) => [act, text])).toEqual([
      ['uphold', '裁定书第 1 号'],
      ['review', '双方未达成一致'],
    ]);
  });

  it('that a ruling confirms is final', async () => {
    const { id } = await to.apply();
    await to.refuse(id);
    await to.negotiate(id);
    await to.review(id);
    expect(await to.rule(id, 'not-share')).toMatchObject({
      state: 'refused',
      stage: 'rejected',
      grant: null,
    });
    await expect(to.negotiate(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });

  it('may be taken back while it is negotiated, and goes no further where another application followed', async () => {
    const { id, resource } = await to.apply();
    await to.sign(id);
    await to.refuse(id);
    await to.negotiate(id);
    const granted = await (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
    expect(granted).toMatchObject({ state: 'granted', stage: 'granted' });
    const other = await to.apply();
    await to.refuse(other.id);
    const body = { ...(await to.application()), resource: other.resource };
    await (await to.sw()).call(personRoutes.apply, { body });
    await expect(to.negotiate(other.id)).rejects.toMatchObject(code('PLATFORM_APPLICATION_PENDING'));
    expect(resource).not.toBe(other.resource);
  });
});

it('R138 what is not shared is asked for where duty requires it, and only a ruling grants it', async () => {
  const wanted = {
    items: ['uscc', 'name', 'remark'],
    itemBasis: { remark: '行政处罚法第五十四条' },
  };
  await expect(to.apply(wanted)).rejects.toMatchObject(code('PLATFORM_ITEMS_NOT_SHARED'));
  const { id } = await to.apply({ ...wanted, need: '查处无证组织' });
  expect(await to.matterOf(id)).toMatchObject({
    stage: 'negotiation',
    restricted: true,
    confidentiality: 'unsigned',
    clocks: [{ kind: 'agreement.negotiate', rule: 'R138' }],
  });
  await to.sign(id);
  const approve = (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
  await expect(approve).rejects.toMatchObject(code('PLATFORM_RULING_ONLY'));
  await to.review(id);
  expect(await to.rule(id, 'share')).toMatchObject({ state: 'granted', items: wanted.items });
});

it('R070 an application that nobody answered in time goes to negotiation by itself, one in time does not', async () => {
  // days of the calendar, since a date in a year without arrangement is never overdue
  await judgedBy('calendar-days');
  const { id } = await to.apply();
  await expect(to.negotiate(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  platform.advance(40 * 86_400_000);
  const later = await signIn(platform, 'sw-consumer');
  const overdue = () => later.call(personRoutes.showMatter, at(id));
  await expect.poll(async () => (await overdue()).stage, { timeout: 20_000 }).toBe('negotiation');
  const { clocks, events } = await overdue();
  expect(events.at(-1)).toMatchObject({ act: 'negotiate', actor: 'platform' });
  expect(clocks).toMatchObject([{ kind: 'agreement.negotiate', owner: null, rule: 'R070' }]);
});
