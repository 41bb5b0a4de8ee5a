import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestPlatform, Town } from '../../server/test-platform.js';
import { at, code } from '../matters/test-parties.js';
import { clocksOf, type Requesters, startRequestTown } from './test-requests.js';

let platform: TestPlatform;
let town: Town;
let by: Requesters;
beforeAll(async () => {
  ({ platform, town, by } = await startRequestTown());
});
afterAll(() => platform.remove());

describe('R069 what another department has is given back (转办)', () => {
  const reassign = async (id: string, department?: string, by = 'mz') =>
    (await town.person(by, 'approver')).call(personRoutes.reassignRequest, {
      ...at(id),
      body: { reason: '由公安掌握', ...(department && { department }) },
    });
  const forward = async (id: string, department?: string) =>
    (await town.person('zs', 'approver')).call(personRoutes.forwardRequest, {
      ...at(id),
      body: department ? { department } : {},
    });

  it('and its new department has the whole time, the one before sees it no more', async () => {
    const { id } = await by.ask();
    expect(await reassign(id)).toMatchObject({ id, stage: 'forwarding', provider: null });
    await expect(by.show(id, 'mz')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    const shown = await by.show(id, 'sw');
    expect(clocksOf(shown)).toMatchObject([{ kind: 'agreement.forward', owner: null, rule: 'R069' }]);
    expect(shown.matter!.events.at(-1)).toMatchObject({ act: 'reassign', text: '由公安掌握' });
    await expect(forward(id)).rejects.toMatchObject(code('PLATFORM_REQUEST_PROVIDER_MISSING'));
    const assigned = await forward(id, 'ga');
    expect(clocksOf(assigned)).toMatchObject([{ kind: 'agreement.reply', owner: 'ga', deadline: { n: 5 } }]);
    const { duties } = await town.officer.call(personRoutes.listDuties, {
      query: { object: id, limit: 10, closed: true },
    });
    expect(duties.find(({ owner }) => owner === 'mz')).toMatchObject({
      kind: 'agreement.reply',
      outcome: 'void',
    });
  });

  it('with the department that has it, which the competent one need not name again', async () => {
    const { id } = await by.ask();
    await expect(reassign(id, 'mz')).rejects.toMatchObject(code('PLATFORM_REQUEST_HELD_HERE'));
    await expect(reassign(id, 'sw')).rejects.toMatchObject(code('PLATFORM_REQUEST_OWN_DEPARTMENT'));
    await expect(reassign(id, 'nobody')).rejects.toMatchObject(code('PLATFORM_DEPARTMENT_UNKNOWN'));
    await reassign(id, 'ga');
    expect(await forward(id)).toMatchObject({ stage: 'reply', provider: 'ga' });
    await expect(reassign(id, undefined, 'mz')).rejects.toMatchObject(code('PLATFORM_REQUEST_UNKNOWN'));
    expect(await reassign(id, undefined, 'zs')).toMatchObject({
      stage: 'forwarding',
      matter: { stage: 'forwarding' },
    });
    await expect(reassign(id, undefined, 'zs')).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
  });
});
