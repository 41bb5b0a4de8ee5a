import type { DutyView, YearArrangement } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDepartments } from '../department/departments.js';
import type { PersonCaller } from '../server/caller.js';
import { createCalendarDesk } from './calendar-desk.js';
import { createDutyLists } from './duties.js';
import { caller, type DutyRig, openDutyRig } from './test-duties.js';

let rig: DutyRig;
beforeEach(async () => {
  rig = await openDutyRig('2026-12-25');
});
afterEach(() => rig.remove());

const lists = () => createDutyLists(rig.context, createDepartments(rig.db));
const desk = () => createCalendarDesk(rig.context, rig.clocks);
const admin = caller(null, 'system-admin');
const refused = (code: string) => expect.objectContaining({ code });
const all = { closed: true, limit: 100 };
const seen = async (
  who: PersonCaller,
  query: Partial<Parameters<ReturnType<typeof lists>['list']>[1]> = {},
) => (await lists().list(who, { ...all, ...query })).map(({ id }) => id);

const year2027: YearArrangement = {
  year: 2027,
  source: '测试用,不是真实的安排',
  holidays: ['2027-01-01', '2027-01-04', '2027-01-05'],
  workdays: ['2027-01-09'],
};

describe('duties are seen', () => {
  it('by their owner, the competent department, officer and auditor, and by nobody else', async () => {
    const own = await rig.open();
    const competent = await rig.open({ owner: null, kind: 'agreement.rule' });
    expect(await seen(caller('mz', 'operator'))).toEqual([own]);
    expect(await seen(caller('sw', 'consumer'))).toEqual([]);
    expect(await seen(admin)).toEqual([]);
    for (const who of [caller('zs', 'approver'), caller(null, 'auditor'), caller(null, 'security-officer')])
      expect(await seen(who)).toEqual([own, competent]);
    expect(await seen(caller('zs', 'approver'), { owner: 'mz' })).toEqual([own]);
    expect(await seen(caller('sw', 'consumer'), { owner: 'mz' })).toEqual([]);
    await expect(lists().show(caller('sw', 'consumer'), own)).rejects.toEqual(
      refused('QZ_PLATFORM_DUTY_UNKNOWN'),
    );
    await expect(lists().history(caller('mz', 'operator'), competent)).rejects.toEqual(
      refused('QZ_PLATFORM_DUTY_UNKNOWN'),
    );
  });

  it('overdue first, with the days left, closed ones only when asked for', async () => {
    rig.moveTo('2026-03-02');
    const deadline = (n: number) => ({
      deadline: { n, unit: 'workingDay', excludeStartDay: true } as const,
    });
    const later = await rig.open(deadline(10));
    const late = await rig.open(deadline(2));
    const done = await rig.open(deadline(1));
    await rig.close(done);
    rig.moveTo('2026-03-06');
    const owner = caller('mz', 'operator');
    expect(await seen(owner)).toEqual([late, later, done]);
    expect(await seen(owner, { closed: false })).toEqual([late, later]);
    expect(await seen(owner, { overdue: true })).toEqual([late]);
    expect(await seen(owner, { limit: 1 })).toEqual([late]);
    const days = (await lists().list(owner, all)).map(({ standing, daysLeft }) => [standing, daysLeft]);
    expect(days).toEqual([
      ['overdue', -2],
      ['running', 6],
      ['closed', null],
    ]);
  });
});

describe('the calendar of a year that is entered', () => {
  it('makes provisional dates firm in the same transaction, and says which', async () => {
    const id = await rig.open();
    const free = await rig.open({ deadline: null });
    rig.moveTo('2027-01-11');
    await rig.clocks.keepHouse();
    const before = await lists().show(caller('mz', 'operator'), id);
    expect(before).toMatchObject({ dueDay: '2027-01-08', standing: 'calendar-missing', overdueAt: null });
    expect((await desk().show()).covered).toEqual([]);

    const moved: DutyView[] = await desk().enterYear(admin, '2027', year2027);
    expect(moved.map((duty) => duty.id)).toEqual([id]);
    expect(moved[0]).toMatchObject({ dueDay: '2027-01-12', provisionalYears: [], daysLeft: 1 });
    rig.moveTo('2027-01-13');
    await rig.clocks.keepHouse();
    const { duty, events } = await lists().history(caller('mz', 'operator'), id);
    expect(duty.standing).toBe('overdue');
    expect(events.map(({ event, dueDay, actor }) => `${event} ${dueDay} ${actor}`)).toEqual([
      'opened 2027-01-08 platform',
      'reminded 2027-01-08 platform',
      'recounted 2027-01-12 person:all-system-admin',
      'overdue 2027-01-12 platform',
    ]);
    expect(events[2]?.note).toBe(year2027.source);
    expect(await rig.history(free)).toEqual(['opened 2026-12-25']);
    expect(await desk().show()).toMatchObject({
      covered: [2027],
      years: [{ year: 2027, enteredBy: 'person:all-system-admin' }],
    });
  });

  it('is refused whole where it contradicts itself or is of another year', async () => {
    const id = await rig.open();
    const wrong = { ...year2027, workdays: ['2027-01-04'] };
    await expect(desk().enterYear(admin, '2027', wrong)).rejects.toEqual(refused('QZ_MODEL_CALENDAR_WRONG'));
    await expect(desk().enterYear(admin, '2028', year2027)).rejects.toEqual(
      refused('QZ_PLATFORM_CALENDAR_ADDRESS_DIFFERS'),
    );
    expect((await desk().show()).years).toEqual([]);
    expect((await rig.duty(id)).provisionalYears).toEqual([2027]);
  });
});

it('an override of a day moves open duties, also those overdue by it, and is taken back', async () => {
  rig.moveTo('2026-03-02');
  const id = await rig.open();
  const override = { day: '2026-03-06', work: false, reason: '台风停工' };
  expect(await desk().overrideDay(admin, override.day, override)).toMatchObject([{ dueDay: '2026-03-17' }]);
  expect((await desk().show()).overrides).toMatchObject([override]);
  expect(await desk().clearDay(admin, override.day)).toMatchObject([{ dueDay: '2026-03-16' }]);
  await expect(desk().clearDay(admin, override.day)).rejects.toEqual(
    refused('QZ_PLATFORM_CALENDAR_DAY_NOT_SET'),
  );
  rig.moveTo('2026-03-17');
  await rig.clocks.keepHouse();
  expect((await rig.duty(id)).overdueAt).not.toBeNull();
  await desk().overrideDay(admin, override.day, override);
  expect((await rig.duty(id)).overdueAt).toBeNull();
  expect(await rig.audited()).toContain('person:all-system-admin calendar.override');
});
