import { personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settle, startTestPlatform, type TestPlatform, type Town } from '../../server/test-platform.js';
import { at, code, createParties, HUIZHOU, LAW, type Parties } from './test-parties.js';

let platform: TestPlatform;
let town: Town;
let to: Parties;
beforeAll(async () => {
  platform = await startTestPlatform({ policy: { profile: HUIZHOU } });
  town = await settle(platform);
  to = createParties(town);
});
afterAll(() => platform.remove());

describe('an application', () => {
  it('R025 R065 R066 R067 states use, purpose, matter and the basis of each item, and is refused without', async () => {
    const resale = { usage: 'resale' as never, matter: '实名办税', legalBasis: '' };
    await expect(to.apply({ purpose: resale })).rejects.toMatchObject(code('MODEL_SHAPE_WRONG'));
    const missing = to.apply({ itemBasis: { legal_person: '税收征收管理法第六条' } });
    await expect(missing).rejects.toMatchObject(code('PLATFORM_LEGAL_BASIS_REQUIRED'));
    const general = { usage: 'data-check' as const, matter: '实名办税', legalBasis: '税收征收管理法' };
    const bare = to.apply({ purpose: general, itemBasis: { phone: '实施细则' } });
    await expect(bare).rejects.toMatchObject(code('PLATFORM_ITEM_BASIS_REQUIRED'));
    const applied = await to.apply();
    expect(applied.purpose.legalBasis).toBe('税收征收管理法第六条;税收征收管理法实施细则第九条');
    expect((await to.matterOf(applied.id)).itemBasis).toMatchObject({
      phone: '税收征收管理法实施细则第九条',
    });
  });

  it('R060 is to be answered within the days of the profile, and the clock is closed by the answer', async () => {
    const { id } = await to.apply();
    const { clocks, stage, next } = await to.matterOf(id);
    expect(stage).toBe('reply');
    expect(clocks).toMatchObject([
      { kind: 'agreement.reply', owner: 'mz', rule: 'R060', deadline: { n: 10, unit: 'workingDay' } },
    ]);
    expect(next.map(({ act }) => act)).toEqual(['return', 'withdraw', 'grant', 'refuse']);
    await to.refuse(id);
    expect((await to.matterOf(id)).clocks).toEqual([]);
  });

  it('R061 of a department that applied before is answered within the shorter time', async () => {
    const first = await to.apply();
    await to.refuse(first.id);
    const body = { ...(await to.application()), resource: first.resource };
    const again = await (await to.sw()).call(personRoutes.apply, { body });
    expect((await to.matterOf(again.id)).clocks).toMatchObject([
      { rule: 'R061', deadline: { n: 5, unit: 'workingDay' } },
    ]);
  });

  it('is returned for completion, while the clock rests, and judged anew', async () => {
    const { id } = await to.apply({ items: ['uscc', 'legal_person'] });
    const returned = await (await to.mz()).call(personRoutes.returnApplication, {
      ...at(id),
      body: { missing: '请说明电话的用途' },
    });
    expect(returned).toMatchObject({ stage: 'completion', clocks: [{ state: 'paused' }] });
    await expect(to.refuse(id)).rejects.toMatchObject(code('MODEL_MATTER_ACT'));
    const change = { items: ['uscc', 'legal_person', 'phone'] };
    const body = { note: '已补充', change };
    const strange = (await town.person('ga', 'consumer')).call(personRoutes.completeApplication, {
      ...at(id),
      body,
    });
    await expect(strange).rejects.toMatchObject(code('PLATFORM_AGREEMENT_UNKNOWN'));
    const completed = await (await to.sw()).call(personRoutes.completeApplication, { ...at(id), body });
    expect(completed).toMatchObject({ stage: 'reply', clocks: [{ state: 'open' }] });
    const shown = await (await to.sw()).call(personRoutes.showAgreement, at(id));
    expect(shown.items).toEqual(['uscc', 'legal_person', 'phone']);
  });

  it('is withdrawn by its applicant alone, and nothing is owed then', async () => {
    const { id, resource } = await to.apply();
    const body = { reason: '不再需要' };
    const others = (await town.person('mz', 'consumer')).call(personRoutes.withdrawApplication, {
      ...at(id),
      body,
    });
    await expect(others).rejects.toMatchObject(code('PLATFORM_MATTER_NOT_APPLICANT'));
    const withdrawn = await (await to.sw()).call(personRoutes.withdrawApplication, { ...at(id), body });
    expect(withdrawn).toMatchObject({ state: 'withdrawn', stage: 'withdrawn', resource });
    expect((await to.matterOf(id)).clocks).toEqual([]);
  });
});

describe('a decision', () => {
  it('R064 refuses with reason, ground and legal basis, and not without', async () => {
    const { id } = await to.apply();
    const bare = to.refuse(id, { reason: '不便提供' });
    await expect(bare).rejects.toMatchObject(code('PLATFORM_REFUSAL_BASIS_REQUIRED'));
    expect(await to.refuse(id)).toMatchObject({ state: 'refused', reason: LAW.reason });
    expect((await to.matterOf(id)).refusal).toEqual(LAW);
  });

  it("R028 takes no internal rule for a ground, and any law's", async () => {
    const { id } = await to.apply();
    const internal = to.refuse(id, { ...LAW, ground: 'internal-rule' });
    await expect(internal).rejects.toMatchObject(code('PLATFORM_REFUSAL_INTERNAL_RULE'));
    expect(await to.refuse(id, { ...LAW, ground: 'law' })).toMatchObject({ state: 'refused' });
  });

  it('R058 is made by whom the profile names', async () => {
    const { id } = await to.apply();
    const competent = (await to.zs()).call(personRoutes.approve, { ...at(id), body: {} });
    await expect(competent).rejects.toMatchObject(code('PLATFORM_DECISION_NOT_PROVIDER'));
    await to.sign(id);
    const granted = await (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
    expect(granted).toMatchObject({ state: 'granted', stage: 'granted' });
  });

  it('R077 grants what is conditional once the confidentiality agreement is signed, and not before', async () => {
    const { id } = await to.apply();
    const early = (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
    await expect(early).rejects.toMatchObject(code('PLATFORM_CONFIDENTIALITY_UNSIGNED'));
    expect((await to.matterOf(id)).confidentiality).toBe('unsigned');
    expect((await to.sign(id)).confidentiality).toBe('signed');
    const approved = (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
    expect(await approved).toMatchObject({ state: 'granted' });
  });

  it('R063 R076 opens the duties to supply and to file, and filing closes the one', async () => {
    const { id } = await to.apply();
    await to.sign(id);
    await (await to.mz()).call(personRoutes.approve, { ...at(id), body: {} });
    const { clocks } = await to.matterOf(id);
    expect(clocks).toMatchObject([
      { kind: 'agreement.supply', owner: 'mz', rule: 'R063', deadline: { n: 5 } },
      { kind: 'agreement.file', owner: null, rule: 'R076', deadline: null },
    ]);
    const file = { ...at(id), body: { number: '备〔2026〕1号' } };
    await expect((await to.mz()).call(personRoutes.fileAgreement, file)).rejects.toMatchObject(
      code('PLATFORM_MATTER_NOT_COMPETENT'),
    );
    const filed = await (await to.zs()).call(personRoutes.fileAgreement, file);
    expect(filed.clocks.map(({ kind }) => kind)).toEqual(['agreement.supply']);
    await expect((await to.zs()).call(personRoutes.fileAgreement, file)).rejects.toMatchObject(
      code('PLATFORM_FILING_NOT_OWED'),
    );
  });

  it('of some items only grants these and leaves the refused to be negotiated', async () => {
    const { id } = await to.apply();
    await to.sign(id);
    const items = ['uscc', 'name', 'legal_person'];
    const silent = (await to.mz()).call(personRoutes.approve, { ...at(id), body: { items } });
    await expect(silent).rejects.toMatchObject(code('PLATFORM_REFUSAL_MISSING'));
    const unasked = (await to.mz()).call(personRoutes.approve, { ...at(id), body: { items: ['remark'] } });
    await expect(unasked).rejects.toMatchObject(code('PLATFORM_ITEMS_NOT_APPLIED'));
    const granted = await (await to.mz()).call(personRoutes.approve, {
      ...at(id),
      body: { items, refusal: LAW },
    });
    expect(granted).toMatchObject({ state: 'granted', items, stage: 'refused', reason: LAW.reason });
    expect(await to.negotiate(id)).toMatchObject({ stage: 'negotiation' });
    await to.review(id);
    const ruled = await to.rule(id, 'share');
    expect(ruled).toMatchObject({ state: 'granted', items: [...items, 'phone'] });
    expect(ruled.grant?.body).toMatchObject({ grantVersion: 2, approvedBy: 'zs-approver' });
  });
});
