import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, signIn, startTestPlatform, type TestPlatform, type Town } from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform({
    accessSteps: ['application', 'security-review'],
    policy: { profile: 'huizhou-draft-2016' },
  });
  town = await settle(platform);
});
afterAll(() => platform.remove());

const admin = () => town.person('mz', 'department-admin');
const person = (name: string) => ({ name, phone: '0512-12345678', title: '' });

describe('R081 three named contacts of every unit', () => {
  it('are named one by one; the roster says who is missing until all three are', async () => {
    const mz = await admin();
    const named = async (role: string, name: string) =>
      mz.call(personRoutes.putContact, { params: { id: 'mz', role }, body: person(name) });
    expect((await named('leader', '王局')).missing).toEqual(['liaison', 'technician']);
    expect((await named('liaison', '李科')).missing).toEqual(['technician']);
    const whole = await named('technician', '赵工');
    expect(whole.missing).toEqual([]);
    expect(whole.contacts.map(({ role, name }) => [role, name])).toEqual([
      ['leader', '王局'],
      ['liaison', '李科'],
      ['technician', '赵工'],
    ]);
  });

  it('are those three alone, and a unit names its own alone', async () => {
    const mz = await admin();
    const put = (id: string, role: string) =>
      mz.call(personRoutes.putContact, { params: { id, role }, body: person('某人') });
    await expect(put('mz', 'driver')).rejects.toMatchObject({ code: 'QZ_PLATFORM_CONTACT_ROLE_UNKNOWN' });
    await expect(put('sw', 'leader')).rejects.toMatchObject({ code: 'QZ_PLATFORM_OTHER_DEPARTMENT' });
    await expect(put('nowhere', 'leader')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DEPARTMENT_UNKNOWN',
    });
    await expect(
      mz.call(personRoutes.putContact, {
        params: { id: 'mz', role: 'leader' },
        body: { ...person('王局'), since: '2026-02-30' },
      }),
    ).rejects.toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG' });
  });
});

describe('R082 changes of contacts', () => {
  it('show at once in the published roster, which every person may read', async () => {
    const consumer = await town.person('sw', 'consumer');
    const of = async (id: string) =>
      (await consumer.call(personRoutes.roster, {})).roster.find(({ department }) => department === id)!;
    expect((await of('sw')).missing).toEqual(['leader', 'liaison', 'technician']);
    const params = { id: 'mz', role: 'liaison' };
    const mz = await admin();
    await mz.call(personRoutes.vacateContact, { params, body: { reason: '调离' } });
    expect((await of('mz')).missing).toEqual(['liaison']);
    await expect(
      mz.call(personRoutes.vacateContact, { params, body: { reason: '调离' } }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_CONTACT_VACANT' });
    const body = { ...person('钱科'), since: '2026-11-02' };
    await mz.call(personRoutes.putContact, { params, body });
    expect((await of('mz')).contacts).toContainEqual(
      expect.objectContaining({ role: 'liaison', name: '钱科', since: '2026-11-02' }),
    );
    await expect(
      consumer.call(personRoutes.putContact, { params: { id: 'sw', role: 'leader' }, body }),
    ).rejects.toMatchObject({ code: 'QZ_PLATFORM_ROLE_MISSING' });
  });
});

describe('R080 access procedure', () => {
  const invite = () =>
    town.officer.call(personRoutes.invite, { body: { agent: 'mz-1', department: 'mz', minutes: 30 } });
  const record = (step: string, doneOn = '2025-11-20') =>
    town.officer.call(personRoutes.recordAccessStep, {
      params: { id: 'mz', step },
      body: { reference: '政数〔2026〕12号', doneOn },
    });

  it('comes before an agent is invited, where config says so', async () => {
    await expect(invite()).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ACCESS_INCOMPLETE',
      details: { steps: 'application, security-review' },
    });
    expect((await record('application')).missing).toEqual(['security-review']);
    await expect(invite()).rejects.toMatchObject({ details: { steps: 'security-review' } });
    expect((await record('security-review')).missing).toEqual([]);
    await expect(invite()).resolves.toMatchObject({ agent: 'mz-1' });
  });

  it('takes no step that config does not name, and none that is still to be done', async () => {
    await expect(record('party')).rejects.toMatchObject({ code: 'QZ_PLATFORM_ACCESS_STEP_UNKNOWN' });
    await expect(record('application', '2999-01-01')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_ACCESS_STEP_AHEAD',
    });
  });

  it('is shown to the own department, and who recorded it', async () => {
    const params = { id: 'mz' };
    const shown = await (await admin()).call(personRoutes.departmentAccess, { params });
    expect(shown.steps).toContainEqual(
      expect.objectContaining({ step: 'application', recordedBy: 'officer', reference: '政数〔2026〕12号' }),
    );
    const other = await town.person('sw', 'department-admin');
    await expect(other.call(personRoutes.departmentAccess, { params })).rejects.toMatchObject({
      code: 'QZ_PLATFORM_OTHER_DEPARTMENT',
    });
  });
});

describe('R082 the days within which a change is reported', () => {
  // a day in a year whose working days are known, whenever this runs: guessed ones leave nothing overdue
  beforeAll(() => platform.advance(Date.parse('2026-03-02T02:00:00Z') - platform.now().getTime()));
  const params = { id: 'ga', role: 'leader' };
  const duties = async (query: { closed: boolean; overdue?: boolean }) => {
    const officer = await signIn(platform, 'officer');
    const filter = { object: 'ga', kind: 'contact.change' as const, limit: 10, ...query };
    return (await officer.call(personRoutes.listDuties, { query: filter })).duties;
  };
  const call = async (act: 'put' | 'vacate') => {
    const officer = await signIn(platform, 'officer');
    return act === 'put'
      ? officer.call(personRoutes.putContact, { params, body: person('孙局') })
      : officer.call(personRoutes.vacateContact, { params, body: { reason: '退休' } });
  };

  it('are those of the profile: whoever left opens a duty, the successor closes it', async () => {
    await call('put');
    expect(await duties({ closed: true })).toEqual([]);
    await call('vacate');
    expect(await duties({ closed: false })).toMatchObject([
      {
        rule: 'R082',
        owner: 'ga',
        state: 'open',
        profile: 'huizhou-draft-2016',
        deadline: { n: 5, unit: 'workingDay' },
      },
    ]);
    await call('put');
    expect(await duties({ closed: false })).toEqual([]);
    expect(await duties({ closed: true })).toMatchObject([{ state: 'closed', outcome: 'done' }]);
  });

  it('R082 are seen to be kept or passed where a successor is named in one step', async () => {
    const officer = await signIn(platform, 'officer');
    const named = async (name: string, since: string) => {
      await officer.call(personRoutes.putContact, {
        params: { id: 'ga', role: 'liaison' },
        body: { ...person(name), since },
      });
      return (await duties({ closed: true })).length;
    };
    const before = await named('吴科', '2026-02-02');
    expect(await named('吴科', '2026-02-02'), 'the same person is no change').toBe(before);
    await named('郑科', '2026-02-27');
    const [inTime] = await duties({ closed: true });
    expect(inTime).toMatchObject({ startDay: '2026-02-27', overdueAt: null, outcome: 'done', rule: 'R082' });
    await named('王科', '2026-02-09');
    const late = (await duties({ closed: true })).find(({ startDay }) => startDay === '2026-02-09');
    // five working days with the spring festival in between
    expect(late).toMatchObject({ dueDay: '2026-02-14', state: 'closed', outcome: 'done' });
    expect(late?.overdueAt).not.toBeNull();
    const history = await officer.call(personRoutes.dutyHistory, { params: { id: late!.id } });
    expect(history.events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['opened', 'overdue', 'closed']),
    );
  });

  it('that pass without a successor leave the duty overdue', async () => {
    await call('vacate');
    expect(await duties({ closed: false, overdue: true })).toEqual([]);
    platform.advance(30 * 86_400_000);
    expect(await duties({ closed: false, overdue: true })).toMatchObject([{ rule: 'R082', owner: 'ga' }]);
    await call('put');
    expect(await duties({ closed: false })).toEqual([]);
  });
});
