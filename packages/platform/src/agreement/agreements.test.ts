import { type Application, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  publish,
  settle,
  socialGroup,
  startTestPlatform,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
});
afterAll(() => platform.remove());

let count = 0;
/** A fresh resource for each case, so that no case meets another's agreement. */
async function resource(): Promise<string> {
  count += 1;
  const code = `group_${count}`;
  await publish(town, socialGroup({ code }));
  return code;
}

function application(code: string, change: Partial<Application> = {}): Application {
  return {
    resource: code,
    items: [],
    purpose: { usage: 'data-check', matter: '税务登记核验', legalBasis: '' },
    modes: ['docking'],
    ...change,
  };
}

const conditional = (code: string) =>
  application(code, {
    items: ['uscc', 'name', 'legal_person'],
    purpose: { usage: 'administrative-basis', matter: '税务登记核验', legalBasis: '税收征收管理法第六条' },
  });

const apply = async (body: Application) =>
  (await town.person('sw', 'consumer')).call(personRoutes.apply, { body });
const approve = async (id: string, department = 'mz') =>
  (await town.person(department, 'approver')).call(personRoutes.approve, { params: { id }, body: {} });
const refuse = async (id: string, reason: string, department = 'mz') =>
  (await town.person(department, 'approver')).call(personRoutes.refuse, { params: { id }, body: { reason } });

describe('applying', () => {
  it('is granted at once where every item is unconditional (R057)', async () => {
    const agreement = await apply(application(await resource()));
    expect(agreement).toMatchObject({
      state: 'granted',
      items: ['uscc', 'name'],
      decidedBy: 'rule:unconditional',
      grant: { body: { grantVersion: 1, approvedBy: 'rule:unconditional', consumer: 'sw', provider: 'mz' } },
    });
    expect(await apply(application(agreement.resource))).toEqual(agreement);
  });

  it('for conditional items waits for an approver of the provider', async () => {
    const applied = await apply(conditional(await resource()));
    expect(applied).toMatchObject({ state: 'applied', grant: null, decidedBy: null });
    await expect(apply(conditional(applied.resource))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_APPLICATION_PENDING',
    });
    const granted = await approve(applied.id);
    expect(granted).toMatchObject({
      state: 'granted',
      items: ['uscc', 'name', 'legal_person'],
      decidedBy: 'mz-approver',
      grant: { body: { approvedBy: 'mz-approver' } },
    });
    await expect(approve(applied.id)).rejects.toMatchObject({ code: 'QZ_PLATFORM_NOT_PENDING' });
  });

  it('is never decided by the applicant, nor by a department that has no say', async () => {
    const { id } = await apply(conditional(await resource()));
    await expect(approve(id, 'sw')).rejects.toMatchObject({
      code: 'QZ_PLATFORM_DECISION_OWN_DEPARTMENT',
      kind: 'denied',
    });
    await expect(refuse(id, '不需要', 'sw')).rejects.toMatchObject({ kind: 'denied' });
    await expect(approve(id, 'ga')).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_UNKNOWN' });
    expect(await approve(id, 'zs')).toMatchObject({ state: 'granted', decidedBy: 'zs-approver' });
  });

  it('is refused with a reason only (R064)', async () => {
    const { id } = await apply(conditional(await resource()));
    await expect(refuse(id, '')).rejects.toMatchObject({ code: 'QZ_MODEL_SHAPE_WRONG' });
    expect(await refuse(id, '与职责无关')).toMatchObject({
      state: 'refused',
      reason: '与职责无关',
      grant: null,
    });
  });

  it('a quota is what the approver says, and one in force changes by decision alone', async () => {
    const { id, resource: code } = await apply({
      ...conditional(await resource()),
      quota: { rowsPerDay: 900 },
    });
    const quota = { rowsPerDay: 100, requestsPerMinute: 5 };
    const approver = await town.person('mz', 'approver');
    const granted = await approver.call(personRoutes.approve, { params: { id }, body: { quota } });
    expect(granted).toMatchObject({ quota, grant: { body: { quota } } });
    const free = await apply({ ...application(await resource()), quota: { rowsPerDay: 100 } });
    expect(free).toMatchObject({ state: 'granted', quota: { rowsPerDay: 100 } });
    const more = await apply({ ...application(free.resource), quota: { rowsPerDay: 200 } });
    expect(more).toMatchObject({ state: 'applied', quota: { rowsPerDay: 200 } });
    expect(more.grant?.body.quota).toEqual({ rowsPerDay: 100 });
    expect(await apply({ ...conditional(code), quota })).toEqual(granted);
  });

  it('rows: a scope is spelled one way, may be narrowed at approval, and is widened by decision alone', async () => {
    const code = await resource();
    const asked = { ...conditional(code), rows: "名称 starts with '惠州'" };
    const { id, rows } = await apply(asked);
    expect(rows).toBe("name starts with '惠州'");
    const approver = await town.person('mz', 'approver');
    const granted = await approver.call(personRoutes.approve, {
      params: { id },
      body: { rows: "not (name = '惠州甲')" },
    });
    const narrowed = "name starts with '惠州' and not name = '惠州甲'";
    expect(granted).toMatchObject({ rows: narrowed, grant: { body: { rows: narrowed, grantVersion: 1 } } });
    const kept = { ...asked, rows: undefined };
    expect(await apply(kept)).toEqual(granted);
    const free = await apply({ ...application(await resource()), rows: 'name is not null' });
    expect(free).toMatchObject({ state: 'granted', rows: 'name is not null' });
    const wider = await apply({ ...application(free.resource), rows: '' });
    expect(wider).toMatchObject({ state: 'applied', rows: null, grant: { body: { grantVersion: 1 } } });
    expect(await approve(wider.id)).toMatchObject({ rows: null, grant: { body: { grantVersion: 2 } } });
  });

  it('rows: a scope over an item shared conditionally needs a decision and a legal basis', async () => {
    const code = await resource();
    const body = { ...application(code), rows: "legal_person = '张三'" };
    await expect(apply(body)).rejects.toMatchObject({ code: 'QZ_PLATFORM_LEGAL_BASIS_REQUIRED' });
    const purpose = { ...body.purpose, legalBasis: '税收征收管理法第六条' };
    expect(await apply({ ...body, purpose })).toMatchObject({ state: 'applied', items: ['uscc', 'name'] });
  });

  it.each<[string, string, Partial<Application>]>([
    ['a scope that cannot be read', 'QZ_MODEL_SCOPE_SYNTAX', { rows: 'name like 1' }],
    ['a scope over an item that is not shared', 'QZ_MODEL_SCOPE_ITEM', { rows: 'remark is null' }],
    ['a scope of another type', 'QZ_MODEL_SCOPE_VALUE', { rows: 'name = 1' }],
    [
      'a scope without the key, where rows are merged',
      'QZ_PLATFORM_KEY_ITEMS_MISSING',
      { rows: 'name is null', items: ['name'], modes: ['sftp'] },
    ],
    ['an unknown item', 'QZ_PLATFORM_ITEMS_UNKNOWN', { items: ['uscc', 'nowhere'] }],
    ['an item that is not shared', 'QZ_PLATFORM_ITEMS_NOT_SHARED', { items: ['uscc', 'remark'] }],
    ['items without the key', 'QZ_PLATFORM_KEY_ITEMS_MISSING', { items: ['name'] }],
    ['a masked key', 'QZ_PLATFORM_KEY_ITEM_MASKED', { items: ['uscc'], masks: { uscc: 'id-3-4' } }],
    ['a mask on nothing', 'QZ_PLATFORM_MASK_MISPLACED', { items: ['uscc'], masks: { phone: 'phone' } }],
    [
      'conditional items without legal basis',
      'QZ_PLATFORM_LEGAL_BASIS_REQUIRED',
      { items: ['uscc', 'phone'] },
    ],
    [
      'a blank matter',
      'QZ_PLATFORM_PURPOSE_MISSING',
      { purpose: { usage: 'data-check', matter: ' ', legalBasis: '' } },
    ],
    ['a validity that is past', 'QZ_PLATFORM_VALIDITY_PAST', { validTo: '2020-01-01T00:00:00Z' }],
  ])('refuses %s', async (_, code, change) => {
    await expect(apply(application(await resource(), change))).rejects.toMatchObject({ code });
  });

  it("refuses a department's own resource and an unknown one", async () => {
    const own = (await town.person('mz', 'consumer')).call(personRoutes.apply, {
      body: application(await resource()),
    });
    await expect(own).rejects.toMatchObject({ code: 'QZ_PLATFORM_OWN_RESOURCE' });
    await expect(apply(application('nothing'))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RESOURCE_UNKNOWN',
    });
  });
});

describe('extending', () => {
  it('keeps the old grant in force until the next version is approved', async () => {
    const first = await apply(application(await resource()));
    const pending = await apply(conditional(first.resource));
    expect(pending).toMatchObject({ id: first.id, state: 'applied', grant: { body: { grantVersion: 1 } } });
    const granted = await approve(first.id);
    expect(granted).toMatchObject({
      id: first.id,
      state: 'granted',
      grant: { body: { grantVersion: 2, items: ['uscc', 'name', 'legal_person'] } },
    });
  });

  it('leaves the grant as it was when refused', async () => {
    const first = await apply(application(await resource()));
    await apply(conditional(first.resource));
    expect(await refuse(first.id, '依据不足')).toMatchObject({
      state: 'granted',
      items: ['uscc', 'name'],
      reason: '依据不足',
      grant: { body: { grantVersion: 1 } },
    });
  });
});

describe('seeing agreements', () => {
  it('is for the two departments, the officer, the auditor and a competent department', async () => {
    const { id, resource: code } = await apply(application(await resource()));
    const sees = async (department: string | null, ...role: ('operator' | 'auditor' | 'system-admin')[]) => {
      const client = await town.person(department, ...role);
      const { agreements } = await client.call(personRoutes.listAgreements, { query: { resource: code } });
      const shown = client.call(personRoutes.showAgreement, { params: { id } });
      if (agreements.length > 0) expect((await shown).id).toBe(id);
      else await expect(shown).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_UNKNOWN' });
      return agreements.length === 1;
    };
    expect(await sees('mz', 'operator')).toBe(true);
    expect(await sees('sw', 'operator')).toBe(true);
    expect(await sees('zs', 'operator')).toBe(true);
    expect(await sees(null, 'auditor')).toBe(true);
    expect(await sees('ga', 'operator')).toBe(false);
    expect(await sees(null, 'system-admin')).toBe(false);
  });
});

describe('lists', () => {
  const list = async (query: { state?: string; after?: string; limit?: number }, department = 'sw') =>
    (await town.person(department, 'operator')).call(personRoutes.listAgreements, { query });

  it('come in pages that together are the whole, newest first', async () => {
    for (let n = 0; n < 3; n++) await apply(application(await resource()));
    const all = await list({});
    expect(all.next).toBeNull();
    const paged: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await list({ limit: 2, ...(after && { after }) });
      expect(page.agreements.length).toBeLessThanOrEqual(2);
      paged.push(...page.agreements.map(({ id }) => id));
      after = page.next ?? null;
    }
    expect(paged.length).toBeGreaterThan(2);
    expect(paged).toEqual(all.agreements.map(({ id }) => id));
    const strange = list({ limit: 2, after: paged[0]! }, 'ga');
    await expect(strange).rejects.toMatchObject({ code: 'QZ_PLATFORM_AGREEMENT_UNKNOWN' });
  });

  it('by state show a grant whose time is over as expired, whatever housekeeping did', async () => {
    const validTo = new Date(platform.now().getTime() + 60_000).toISOString();
    const { id } = await apply(application(await resource(), { validTo }));
    const lasting = await apply(application(await resource()));
    const waiting = await apply(conditional(await resource()));
    const ids = async (state: string) => (await list({ state })).agreements.map((one) => one.id);
    expect(await ids('granted')).toEqual(expect.arrayContaining([id, lasting.id]));
    platform.advance(61_000);
    const granted = await ids('granted');
    expect(granted).toContain(lasting.id);
    expect(granted).not.toContain(id);
    expect(await ids('expired')).toContain(id);
    expect(await ids('expired')).not.toContain(lasting.id);
    expect(await ids('applied')).toContain(waiting.id);
  });
});

describe('ending', () => {
  const revoke = async (id: string, department: string) =>
    (await town.person(department, 'approver')).call(personRoutes.revoke, {
      params: { id },
      body: { reason: '超范围使用' },
    });

  it('by revocation needs the provider, the officer or a competent department, and happens once', async () => {
    const { id, resource: code } = await apply(application(await resource()));
    await expect(revoke(id, 'sw')).rejects.toMatchObject({ kind: 'denied' });
    expect(await revoke(id, 'mz')).toMatchObject({ state: 'revoked', reason: '超范围使用', grant: null });
    await expect(revoke(id, 'mz')).rejects.toMatchObject({ code: 'QZ_PLATFORM_NOT_GRANTED' });
    const again = await apply(application(code));
    expect(again.id).not.toBe(id);
    expect(again.state).toBe('granted');
  });

  it('by time takes effect at the instant, before any housekeeping', async () => {
    const validTo = new Date(platform.now().getTime() + 60_000).toISOString();
    const { id } = await apply(application(await resource(), { validTo }));
    platform.advance(61_000);
    const consumer = await town.person('sw', 'consumer');
    expect(await consumer.call(personRoutes.showAgreement, { params: { id } })).toMatchObject({
      state: 'expired',
      grant: null,
    });
  });
});
