import { afterEach, beforeEach, expect, it } from 'vitest';
import { type DutyRig, openDutyRig } from '../../duty/test-duties.js';
import { readPolicy, shippedProfiles } from '../../policy/policy-files.js';
import { replyTerm } from './judge.js';

let rig: DutyRig;
beforeEach(async () => {
  rig = await openDutyRig('2026-03-02');
});
afterEach(() => rig.remove());

async function asked(profile: string, first = true) {
  const asked = first ? 'firstCatalog' : 'conditional';
  const term = replyTerm(await readPolicy(profile, shippedProfiles), asked);
  return { term, id: await rig.open({ kind: 'agreement.reply', profile, ...term }) };
}

it.each([
  ['R058 Jiangsu answers within 10 working days', 'jiangsu-2017', true, 'R058', '2026-03-16', '2026-03-17'],
  [
    'R059 Guangdong 2018: the same, competent department with provider',
    'guangdong-2018',
    true,
    'R059',
    '2026-03-16',
    '2026-03-17',
  ],
  [
    'R060 Huizhou answers a first application within 10 working days',
    'huizhou-draft-2016',
    true,
    'R060',
    '2026-03-16',
    '2026-03-17',
  ],
  [
    'R061 Huizhou answers what follows within 5 working days',
    'huizhou-draft-2016',
    false,
    'R061',
    '2026-03-09',
    '2026-03-10',
  ],
  [
    'R062 Guangdong 2008 answers within 15 working days',
    'guangdong-2008',
    true,
    'R058',
    '2026-03-23',
    '2026-03-24',
  ],
])('%s: kept on the last day, broken on the day after', async (_, profile, first, rule, last, late) => {
  const { id, term } = await asked(profile, first);
  expect([term.rule, (await rig.duty(id)).dueDay]).toEqual([rule, last]);
  const kept = await asked(profile, first);
  rig.moveTo(last);
  await rig.clocks.keepHouse();
  expect((await rig.duty(id)).overdueAt).toBeNull();
  await rig.close(kept.id);
  rig.moveTo(late);
  await rig.clocks.keepHouse();
  expect((await rig.duty(id)).overdueAt).not.toBeNull();
  expect((await rig.duty(kept.id)).overdueAt).toBeNull();
});

it('where the regulation names no days nothing is ever late', async () => {
  const { id } = await asked('shuangliao-2019');
  rig.moveTo('2030-01-01');
  await rig.clocks.keepHouse();
  expect(await rig.duty(id)).toMatchObject({ dueDay: null, overdueAt: null });
});
