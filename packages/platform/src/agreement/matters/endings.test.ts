import { type Application, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, LAW, type Parties } from './test-parties.js';

const MINUTE = 60_000;

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform({ policy: { profile: HUIZHOU } });
  town = await settle(platform);
  to = createParties(town);
});
afterAll(() => platform.remove());

const body = { reason: '核查' };
const stateOf = async (id: string) => (await town.officer.call(personRoutes.showAgreement, at(id))).state;
const duties = async (object: string) =>
  (
    await town.officer.call(personRoutes.listDuties, { query: { object, closed: true, limit: 100 } })
  ).duties.map(({ kind, state, outcome }) => [kind, state, outcome]);

/** Granted but for the telephone number, which is refused. */
async function grantedInPart(change: Partial<Application> = {}) {
  const { id, resource } = await to.apply(change);
  await to.sign(id);
  const items = ['uscc', 'name', 'legal_person'];
  await (await to.mz()).call(personRoutes.approve, { ...at(id), body: { items, refusal: LAW } });
  return { id, resource };
}

describe('a suspension', () => {
  it('is not left by what the applicant does with the items that were refused', async () => {
    const { id } = await grantedInPart();
    await town.officer.call(personRoutes.suspend, { ...at(id), body });
    await expect(to.negotiate(id)).rejects.toMatchObject(code('PLATFORM_SUSPENDED'));
    const withdrawn = (await to.sw()).call(personRoutes.withdrawApplication, { ...at(id), body });
    await expect(withdrawn).rejects.toMatchObject(code('PLATFORM_SUSPENDED'));
    expect(await stateOf(id)).toBe('suspended');
    await town.officer.call(personRoutes.resume, { ...at(id), body });
    expect(await to.negotiate(id)).toMatchObject({ stage: 'negotiation' });
  });

  it('R063 rests the clock of supply, which goes on with the days left when the grant does', async () => {
    const { id } = await grantedInPart();
    const supply = async () => {
      const { duties: all } = await town.officer.call(personRoutes.listDuties, {
        query: { object: id, kind: 'agreement.supply', closed: true, limit: 10 },
      });
      return all[0]!;
    };
    expect(await supply()).toMatchObject({ state: 'open', daysLeft: 5 });
    await town.officer.call(personRoutes.suspend, { ...at(id), body });
    expect(await supply()).toMatchObject({ state: 'paused', standing: 'paused', daysLeft: 5 });
    await town.officer.call(personRoutes.resume, { ...at(id), body });
    expect(await supply()).toMatchObject({ state: 'open', daysLeft: 5 });
  });

  it('may end in a revocation, after which the department may apply again', async () => {
    const { id, resource } = await grantedInPart();
    await town.officer.call(personRoutes.suspend, { ...at(id), body });
    expect(await town.officer.call(personRoutes.revoke, { ...at(id), body })).toMatchObject({
      state: 'revoked',
      grant: null,
    });
    expect((await duties(id)).filter(([, state]) => state !== 'closed')).toEqual([]);
    const again = { ...(await to.application()), resource };
    expect(await (await to.sw()).call(personRoutes.apply, { body: again })).toMatchObject({
      state: 'applied',
    });
  });
});

describe('the withdrawal of a resource with what was granted of it', () => {
  const withdraw = async (resource: string) =>
    (await town.person('mz', 'department-admin')).call(personRoutes.withdrawCatalog, {
      params: { code: resource },
      body: { reason: '并入其他资源', liveAgreements: 'end' },
    });

  it('closes what was owed under it', async () => {
    const { id, resource } = await grantedInPart();
    expect((await withdraw(resource)).endedAgreements).toEqual([id]);
    expect(await duties(id)).toEqual(
      expect.arrayContaining([
        ['agreement.supply', 'closed', 'void'],
        ['agreement.file', 'closed', 'void'],
      ]),
    );
    await expect(to.negotiate(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });

  it('ends what is suspended, too: it is not resumed', async () => {
    const { id, resource } = await grantedInPart();
    await town.officer.call(personRoutes.suspend, { ...at(id), body });
    expect((await withdraw(resource)).endedAgreements).toEqual([id]);
    const resumed = town.officer.call(personRoutes.resume, { ...at(id), body });
    await expect(resumed).rejects.toMatchObject(code('PLATFORM_NOT_SUSPENDED'));
    expect(await stateOf(id)).toBe('revoked');
  });
});

it('rows, quota and addresses that were narrowed for the granted items stay so when the others are ruled on', async () => {
  const { id } = await to.apply();
  await to.sign(id);
  const terms = {
    items: ['uscc', 'name', 'legal_person'],
    rows: "name starts with '甲'",
    quota: { rowsPerDay: 5 },
    addresses: ['10.20.0.0/16'],
  };
  const approved = await (await to.mz()).call(personRoutes.approve, {
    ...at(id),
    body: { ...terms, refusal: LAW },
  });
  const { quota, addresses } = terms;
  expect(approved).toMatchObject({ state: 'granted', quota, addresses });
  await to.negotiate(id);
  await to.review(id);
  const ruled = await to.rule(id, 'share');
  expect(ruled.items).toContain('phone');
  expect(ruled).toMatchObject({ rows: approved.rows, quota, addresses });
});

it('the time named on completion is kept as an instant, whatever its zone', async () => {
  const { id } = await to.apply();
  await (await to.mz()).call(personRoutes.returnApplication, { ...at(id), body: { missing: '期限' } });
  const end = new Date(platform.now().getTime() + 60 * MINUTE);
  const inChina = new Date(end.getTime() + 8 * 60 * MINUTE).toISOString().replace('Z', '+08:00');
  await (await to.sw()).call(personRoutes.completeApplication, {
    ...at(id),
    body: { note: '已补正', change: { validTo: inChina } },
  });
  const { validTo } = await town.officer.call(personRoutes.showAgreement, at(id));
  expect(validTo).toBe(end.toISOString());
});

describe('when the time of a grant is over', () => {
  it('what was owed under it is closed, and a suspension ends', async () => {
    const validTo = new Date(platform.now().getTime() + 20 * MINUTE).toISOString();
    const granted = await grantedInPart({ validTo });
    const suspended = await grantedInPart({ validTo });
    await town.officer.call(personRoutes.suspend, { ...at(suspended.id), body });
    platform.advance(30 * MINUTE);
    for (const { id } of [granted, suspended]) {
      await expect
        .poll(() => duties(id), { timeout: 20_000 })
        .toContainEqual(['agreement.supply', 'closed', 'void']);
      await expect.poll(() => stateOf(id), { timeout: 20_000 }).toBe('expired');
    }
    const again = { ...(await to.application()), resource: suspended.resource };
    expect(await (await to.sw()).call(personRoutes.apply, { body: again })).toMatchObject({
      state: 'applied',
    });
  });
});
