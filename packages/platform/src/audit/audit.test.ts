import { type AuditRecord, agentRoutes, personRoutes } from '@qianzhi/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBeside } from '../database/test-database.js';
import {
  publish,
  redeemBody,
  settle,
  signIn,
  startTestPlatform,
  type TestPlatform,
} from '../server/test-platform.js';
import { verifyAudit } from './chain.js';

let platform: TestPlatform;
let rows: AuditRecord[];
beforeAll(async () => {
  platform = await startTestPlatform();
  const town = await settle(platform);
  await publish(town);
  const consumer = await town.person('sw', 'consumer');
  await consumer.call(personRoutes.listAccounts, {}).catch(() => undefined);
  await Promise.all(
    [1, 2, 3, 4].map((n) =>
      town.officer.call(personRoutes.putDepartment, {
        params: { id: `d${n}` },
        body: { id: `d${n}`, name: `部门${n}`, police: false, competent: false },
      }),
    ),
  );
  const invitation = { agent: 'mz-1', department: 'mz', minutes: 30 };
  const { token } = await town.officer.call(personRoutes.invite, { body: invitation });
  for (const body of [redeemBody(token), redeemBody(token)]) {
    await platform
      .anonymous()
      .call(agentRoutes.enrol, { body })
      .catch(() => undefined);
  }
  await signIn(platform, 'officer', 'wrong password').catch(() => undefined);
  await signIn(platform, 'nobody', 'wrong password').catch(() => undefined);
  await town.person('ga', 'operator');
  const params = { account: 'ga-operator' };
  await town.officer.call(personRoutes.changeAccount, { params, body: { disabled: true } });
  await expect(signIn(platform, 'ga-operator')).rejects.toMatchObject({
    code: 'QZ_PLATFORM_ACCOUNT_DISABLED',
  });
  await platform.stop();
  const db = await openBeside(platform.dataDir);
  rows = await db('audit').orderBy('seq');
  await db.destroy();
});
afterAll(() => platform.remove());

describe('the audit chain', () => {
  it('tells who did what on what, denials included, and holds together', () => {
    expect(verifyAudit(rows)).toMatchObject({ ok: true, entries: rows.length, head: rows.at(-1)?.digest });
    const told = rows.map(({ actor, action, object, outcome }) => `${actor} ${action} ${object} ${outcome}`);
    expect(told).toContain('platform platform.start test done');
    expect(told).toContain('public account.create officer done');
    expect(told).toContain('person:mz-catalog-editor catalog.publish social_group done');
    expect(told).toContain('person:officer catalog.review social_group done');
    expect(told).toContain('person:sw-consumer GET /accounts GET /api/v1/accounts denied');
    expect(told).toContain('agent:mz-1 agent.enrol mz-1 done');
    expect(told).toContain('public agent.enrol mz-1 denied');
    expect(told).toContain('public session.open officer denied');
    expect(told).not.toContain('public session.open nobody denied');
    expect(told).toContain('public session.open ga-operator denied');
    expect(
      rows.find(({ object, outcome }) => object === 'ga-operator' && outcome === 'denied'),
    ).toMatchObject({
      details: expect.stringContaining('disabled'),
    });
    expect(JSON.stringify(rows)).not.toMatch(/argon2|correct horse/);
  });

  it('finds an edited and a removed row', () => {
    const edited = rows.map((row) => (row.seq === 5 ? { ...row, actor: 'person:somebody' } : row));
    expect(verifyAudit(edited).problems).toEqual([{ code: 'changed', seq: 5 }]);
    expect(verifyAudit(rows.filter((row) => row.seq !== 5)).problems).toEqual([
      { code: 'missing', seq: 5, to: 5 },
    ]);
    const short = verifyAudit(rows.slice(0, -1));
    expect(short.ok && short.head).not.toBe(rows.at(-1)?.digest);
  });
});
