import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caller, type DutyRig, openDutyRig } from '../duty/test-duties.js';
import { openPolicies, policyDigest } from './policies.js';
import { policyFilesIn, shippedProfiles } from './policy-files.js';

let rig: DutyRig;
let folder: string;
beforeEach(async () => {
  rig = await openDutyRig('2026-03-02');
  folder = mkdtempSync(join(tmpdir(), 'qianzhi-policy-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await rig.remove();
});

const officer = caller(null, 'security-officer');
const refused = (code: string) => expect.objectContaining({ code: `QZ_PLATFORM_${code}` });
const jiangsu = readFileSync(join(shippedProfiles, 'jiangsu-2017.yaml'), 'utf8');
const write = (id: string, text = jiangsu) =>
  writeFileSync(join(folder, `${id}.yaml`), text.replace('id: jiangsu-2017', `id: ${id}`));

describe('the profile in force', () => {
  it('is the national one until somebody chooses, and the choice outlives a restart', async () => {
    const policies = await openPolicies(rig.context);
    expect((await policies.current()).id).toBe('national-2025');
    const answer = await policies.use(officer, 'guangdong-2018', '本省规定');
    expect(answer).toMatchObject({
      current: { id: 'guangdong-2018' },
      chosenBy: 'command',
      changedFile: false,
      switches: [
        { profile: 'guangdong-2018', by: 'person:all-security-officer', reason: '本省规定' },
        { profile: 'national-2025', by: 'platform' },
      ],
    });
    const restarted = await openPolicies(rig.context);
    expect((await restarted.current()).id).toBe('guangdong-2018');
    expect((await restarted.inForce()).switches).toHaveLength(2);
    expect(await rig.audited()).toEqual(['platform policy.use', 'person:all-security-officer policy.use']);
  });

  it('is the one of the config where that names one, and no command changes it then', async () => {
    const policies = await openPolicies(rig.context, { profile: 'jiangsu-2017' });
    expect(await policies.inForce()).toMatchObject({ current: { id: 'jiangsu-2017' }, chosenBy: 'config' });
    await expect(policies.use(officer, 'guangdong-2018', 'x')).rejects.toEqual(refused('POLICY_FIXED'));
    expect((await policies.current()).id).toBe('jiangsu-2017');
  });

  it('is named by its id, never by a path: nobody reads a file of the platform through it', async () => {
    const policies = await openPolicies(rig.context);
    write('elsewhere');
    for (const path of [join(folder, 'elsewhere.yaml'), 'elsewhere.yaml', '../policy/jiangsu-2017'])
      await expect(policies.use(officer, path, 'x')).rejects.toEqual(refused('POLICY_UNKNOWN'));
    expect((await policies.current()).id).toBe('national-2025');
  });

  it('leaves what has begun as it was: a duty keeps profile and deadline', async () => {
    const policies = await openPolicies(rig.context, {});
    await policies.use(officer, 'jiangsu-2017', 'x');
    const first = await policies.current();
    const id = await rig.open({ profile: first.id, deadline: first.replyDays.conditional });
    await policies.use(officer, 'guangdong-2008', 'y');
    const second = await policies.current();
    const next = await rig.open({ profile: second.id, deadline: second.replyDays.conditional });
    expect(await rig.duty(id)).toMatchObject({ profile: 'jiangsu-2017', dueDay: '2026-03-16' });
    expect(await rig.duty(next)).toMatchObject({ profile: 'guangdong-2008', dueDay: '2026-03-23' });
    const { openedAt } = await rig.duty(id);
    expect(await policies.asOf('jiangsu-2017', policyDigest(first), openedAt)).toEqual(first);
    await expect(policies.asOf('guangdong-2018', null, openedAt)).rejects.toEqual(
      refused('POLICY_NEVER_USED'),
    );
  });
});

describe('a new jurisdiction', () => {
  it('is one file in the folder of the config, read when it is used', async () => {
    write('other-city-2027');
    const policies = await openPolicies(rig.context, { folder });
    await expect(policies.use(officer, 'my-city-2027', 'x')).rejects.toEqual(refused('POLICY_UNKNOWN'));
    write('my-city-2027');
    const { current, available } = await policies.use(officer, 'my-city-2027', '本市规定');
    expect(current.id).toBe('my-city-2027');
    expect(available).toHaveLength(8);
  });

  it('that is edited in force changes nothing until it is used again', async () => {
    write('my-city-2027');
    const policies = await openPolicies(rig.context, { folder, profile: 'my-city-2027' });
    write(
      'my-city-2027',
      jiangsu.replace('supplyDays: null', 'supplyDays: { n: 7, unit: day, excludeStartDay: true }'),
    );
    expect(await policies.inForce()).toMatchObject({ current: { supplyDays: null }, changedFile: true });
    const { current, changedFile } = await policies.use(officer, 'my-city-2027', '修订');
    expect([current.supplyDays, changedFile]).toEqual([{ n: 7, unit: 'day', excludeStartDay: true }, false]);
  });

  it('that is edited and used again leaves what began under the text before to that text', async () => {
    write('my-city-2027');
    const policies = await openPolicies(rig.context, { folder, profile: 'my-city-2027' });
    const before = await policies.current();
    const began = rig.context.now().toISOString();
    rig.moveTo('2026-03-09');
    write('my-city-2027', jiangsu.replace('itemBasis: false', 'itemBasis: true'));
    await policies.use(officer, 'my-city-2027', '修订');
    const after = await policies.current();
    expect([before, after].map(({ application }) => application.itemBasis)).toEqual([false, true]);
    const later = rig.context.now().toISOString();
    // by the digest, whatever the time says; without one, by the time
    expect(await policies.asOf('my-city-2027', policyDigest(before), later)).toEqual(before);
    expect(await policies.asOf('my-city-2027', null, began)).toEqual(before);
    expect(await policies.asOf('my-city-2027', null, later)).toEqual(after);
    const strange = policies.asOf('my-city-2027', policyDigest({ ...before, name: '别处' }), began);
    await expect(strange).rejects.toEqual(refused('POLICY_NEVER_USED'));
  });

  it('that is wrong is refused with its line, at the start too, and the one before stays', async () => {
    await openPolicies(rig.context);
    write('my-city-2027', jiangsu.replace('{ n: 15,', '{ n: 0,'));
    const wrong = expect.objectContaining({
      code: 'QZ_PLATFORM_POLICY_WRONG',
      details: expect.objectContaining({ where: '/catalogUpdateDays/n' }),
    });
    await expect(openPolicies(rig.context, { folder, profile: 'my-city-2027' })).rejects.toEqual(wrong);
    const policies = await openPolicies(rig.context, { folder });
    await expect(policies.use(officer, 'my-city-2027', 'x')).rejects.toEqual(wrong);
    expect((await policies.current()).id).toBe('national-2025');
  });

  it('a folder that holds none or is not there is refused', async () => {
    await expect(policyFilesIn(folder)).rejects.toEqual(refused('POLICY_NONE'));
    await expect(policyFilesIn(join(folder, 'none'))).rejects.toEqual(refused('POLICY_UNREADABLE'));
  });
});
