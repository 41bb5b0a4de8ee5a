import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DutyRig, openDutyRig } from './test-duties.js';

let rig: DutyRig;
beforeEach(async () => {
  rig = await openDutyRig('2025-09-26');
});
afterEach(() => rig.remove());

const all = ['opened 2025-09-26', 'reminded 2025-10-14', 'overdue 2025-10-17', 'escalated 2025-10-21'];

describe('R058 R059 a reply that is owed in 10 working days', () => {
  it('is kept: closed on its last day, it was never overdue', async () => {
    const id = await rig.open();
    expect(await rig.duty(id)).toMatchObject({ dueDay: '2025-10-16', owner: 'mz', profile: 'jiangsu-2017' });
    rig.moveTo('2025-10-16');
    await rig.close(id);
    rig.moveTo('2025-12-01');
    await rig.clocks.keepHouse();
    expect(await rig.history(id)).toEqual([...all.slice(0, 2), 'closed 2025-10-16']);
    expect(await rig.duty(id)).toMatchObject({ overdueAt: null, outcome: 'done', note: '已答复' });
  });

  it('is broken: each mark is made once, in order, after any downtime, and audited', async () => {
    const id = await rig.open();
    rig.moveTo('2025-12-01');
    await rig.clocks.keepHouse();
    await rig.restarted().keepHouse();
    expect(await rig.history(id)).toEqual(all);
    expect(await rig.audited()).toEqual([
      'platform duty.opened',
      'platform duty.reminded',
      'platform duty.overdue',
      'platform duty.escalated',
    ]);
  });

  it('without a deadline in law is never overdue', async () => {
    const id = await rig.open({ deadline: null, profile: 'shuangliao-2019' });
    rig.moveTo('2031-01-01');
    await rig.clocks.keepHouse();
    expect(await rig.history(id)).toEqual(['opened 2025-09-26']);
  });
});

describe('who listens', () => {
  it('is told once of a duty that is overdue, after that is committed, and again only where it failed', async () => {
    const told: string[] = [];
    let fail = true;
    const id = await rig.open();
    rig.moveTo('2025-10-17');
    const first = rig.clocks;
    first.onOverdue(async (duty) => {
      told.push(duty.id);
      expect((await rig.duty(duty.id)).overdueAt).not.toBeNull();
      if (fail) throw new Error('not now');
    });
    await expect(first.keepHouse()).rejects.toThrow('not now');
    fail = false;
    await first.keepHouse();
    await first.keepHouse();
    expect(told).toEqual([id, id]);
    const second = rig.restarted();
    const end = second.onOverdue(async (duty) => void told.push(`again ${duty.id}`));
    await second.keepHouse();
    end();
    expect(told).toEqual([id, id]);
  });

  it('hears of others when one listener fails, and nothing of what was closed meanwhile', async () => {
    const bad = await rig.open({ object: 'bad' });
    const good = await rig.open({ object: 'good' });
    const closed = await rig.open({ object: 'closed' });
    rig.moveTo('2025-10-20');
    await rig.close(closed);
    const told: string[] = [];
    rig.clocks.onOverdue(async (duty) => {
      if (duty.id === bad) throw new Error('bad');
      told.push(duty.id);
    });
    await expect(rig.clocks.keepHouse()).rejects.toThrow('bad');
    expect(told).toEqual([good]);
    expect(await rig.history(closed)).toEqual([...all.slice(0, 3), 'closed 2025-10-20']);
  });
});

describe('a pause', () => {
  it('keeps what was late before it, and gives the days left back after it', async () => {
    const id = await rig.open();
    rig.moveTo('2025-10-09');
    await rig.pause(id);
    rig.moveTo('2025-11-03');
    await rig.clocks.keepHouse();
    expect(await rig.duty(id)).toMatchObject({ state: 'paused', overdueAt: null });
    await rig.resume(id);
    expect(await rig.duty(id)).toMatchObject({ state: 'open', dueDay: '2025-11-11' });
    rig.moveTo('2025-11-12');
    await rig.pause(id);
    expect(await rig.history(id)).toEqual([
      'opened 2025-09-26',
      'paused 2025-10-09',
      'resumed 2025-11-03',
      'reminded 2025-11-07',
      'overdue 2025-11-12',
      'paused 2025-11-12',
    ]);
  });

  it('is refused for one that is paused or closed or not there, and then nothing is written', async () => {
    const id = await rig.open();
    const wrong = (code: string) => expect.objectContaining({ code });
    await expect(rig.resume(id)).rejects.toEqual(wrong('QZ_MODEL_DUTY_STATE'));
    await rig.pause(id);
    await expect(rig.pause(id)).rejects.toEqual(wrong('QZ_MODEL_DUTY_STATE'));
    await rig.close(id, 'void');
    await expect(rig.close(id)).rejects.toEqual(wrong('QZ_MODEL_DUTY_STATE'));
    await expect(rig.pause('none')).rejects.toEqual(wrong('QZ_PLATFORM_DUTY_UNKNOWN'));
    expect(await rig.history(id)).toEqual(['opened 2025-09-26', 'paused 2025-09-26', 'closed 2025-09-26']);
  });
});

it('a transaction that fails leaves no duty behind; open ones of an object are found', async () => {
  const kept = await rig.open();
  await rig.open({ object: 'other' });
  const supply = await rig.open({ kind: 'agreement.supply', rule: 'R063' });
  const failing = rig.db.transaction(async (trx) => {
    await rig.clocks.close(trx, kept, 'done', '', 'platform');
    expect(await rig.clocks.openOf('a1', undefined, trx)).toHaveLength(1);
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect((await rig.clocks.openOf('a1')).map(({ id }) => id)).toEqual([kept, supply]);
  expect((await rig.clocks.openOf('a1', 'agreement.supply')).map(({ id }) => id)).toEqual([supply]);
});
