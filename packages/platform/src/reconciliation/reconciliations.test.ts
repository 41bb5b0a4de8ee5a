import {
  agentRoutes,
  type Grant,
  noDifferences,
  personRoutes,
  type ReconcileReport,
  type ReconcileSession,
  type Signed,
} from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleExchange } from '../exchange/test-settled.js';
import {
  enrolAgent,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';

let platform: TestPlatform;
let town: Town;
let provider: TestAgent;
let consumer: TestAgent;
let foreign: TestAgent;
let grant: Signed<Grant>;

beforeAll(async () => {
  platform = await startTestPlatform();
  ({ town, provider, consumer, grant } = await settleExchange(platform));
  foreign = await enrolAgent(platform, town.officer, 'ga-1', 'ga');
});
afterAll(() => platform.remove());

async function open(agent: TestAgent, repair = false): Promise<ReconcileSession> {
  const body = { resource: 'social_group', repair };
  return (await agent.client.call(agentRoutes.openReconciliation, { body })).sessions[0]!;
}
const put = (agent: TestAgent, { id }: ReconcileSession, seq: number, text: string) =>
  agent.client.call(agentRoutes.putReconcileMessage, {
    params: { session: id, seq },
    body: { payload: Buffer.from(text).toString('base64url') },
  });
const take = async (agent: TestAgent, { id }: ReconcileSession, seq: number, waitMs = 0) => {
  const params = { session: id, seq };
  const found = await agent.client.call(agentRoutes.nextReconcileMessage, {
    params,
    body: { waitMs },
    waitMs,
  });
  return { state: found.session.state, failure: found.session.failure, text: textOf(found.payload) };
};
const textOf = (payload: string | undefined) =>
  payload === undefined ? undefined : Buffer.from(payload, 'base64url').toString();
const fail = (agent: TestAgent, { id }: ReconcileSession) =>
  agent.client.call(agentRoutes.failReconciliation, {
    params: { session: id },
    body: { code: 'QZ_TEST_GIVEN_UP' },
  });

function reportOf({ id, resource }: ReconcileSession, more: Partial<ReconcileReport> = {}): ReconcileReport {
  const digest = `keyed-sum-256:${'A'.repeat(43)}`;
  return {
    type: 'reconcile-report',
    version: 1,
    session: id,
    resource,
    agreement: grant.body.agreement,
    grantVersion: grant.body.grantVersion,
    schemaVersion: 1,
    provider: 'mz-1',
    consumer: 'sw-1',
    rows: { provider: 3, consumer: 3 },
    digests: { provider: digest, consumer: digest },
    found: noDifferences,
    repaired: { sent: 0, deleted: 0 },
    remaining: noDifferences,
    excluded: [],
    complete: true,
    ...more,
  };
}
const hand = (agent: TestAgent, { id }: ReconcileSession, report: ReconcileReport, signer = agent) =>
  agent.client.call(agentRoutes.reportReconciliation, {
    params: { session: id },
    body: signDocument(report, signer.key),
  });
const refused = (code: string) => expect.objectContaining({ code: `QZ_PLATFORM_${code}` });

describe('two agents that reconcile', () => {
  it('meet, leave each other messages in order, and are told when the other comes', async () => {
    const known: string[] = [];
    const waiting = provider.client.call(agentRoutes.pollReconciliations, {
      body: { known, waitMs: 5_000 },
      waitMs: 5_000,
    });
    const session = await open(consumer);
    expect(session).toMatchObject({ provider: 'mz-1', consumer: 'sw-1', state: 'open', grant });
    expect((await waiting).sessions).toEqual([session]);
    expect(await open(consumer)).toEqual(session);

    const coming = take(consumer, session, 0, 5_000);
    await put(provider, session, 0, 'eins');
    await put(provider, session, 0, 'eins');
    await put(provider, session, 1, 'zwei');
    expect(await coming).toMatchObject({ text: 'eins' });
    expect(await take(consumer, session, 0)).toMatchObject({ text: 'eins' });
    expect(await take(consumer, session, 1)).toMatchObject({ text: 'zwei' });
    expect(await take(provider, session, 0)).toMatchObject({ text: undefined, state: 'open' });
    await fail(provider, session);
    expect(await take(consumer, session, 2)).toMatchObject({
      state: 'failed',
      failure: { agent: 'mz-1', code: 'QZ_TEST_GIVEN_UP' },
    });
    await expect(put(consumer, session, 0, 'spät')).rejects.toEqual(refused('RECONCILE_ENDED'));
  });

  it('sign one report, which the department’s people and the auditor see and others do not', async () => {
    const session = await open(consumer);
    expect(await hand(provider, session, reportOf(session))).toMatchObject({ state: 'open' });
    // the other part of it is over: who asks again compares again
    expect((await open(provider).catch((error) => error)).code).toBe('QZ_PLATFORM_RECONCILE_NO_PARTNER');
    expect(await hand(consumer, session, reportOf(session))).toMatchObject({ state: 'done' });
    const query = { resource: 'social_group', limit: 1 };
    for (const [department, role, count] of [
      ['sw', 'operator', 1],
      ['mz', 'operator', 1],
      ['ga', 'operator', 0],
      [null, 'auditor', 1],
    ] as const) {
      const person = await town.person(department, role);
      const { reports } = await person.call(personRoutes.reconcileReports, { query });
      expect(reports.length, `${department}`).toBe(count);
      for (const { session: of } of reports) expect(of).toMatchObject({ id: session.id, state: 'done' });
    }
  });

  it('that sign different reports have a dispute, and both stay', async () => {
    const session = await open(consumer);
    const other = reportOf(session, { found: { ...noDifferences, missing: 1 } });
    await hand(provider, session, reportOf(session));
    const ended = await hand(consumer, session, other);
    expect(ended).toMatchObject({ state: 'failed', failure: { code: 'QZ_PLATFORM_RECONCILE_DISPUTED' } });
    const auditor = await town.person(null, 'auditor');
    const { reports } = await auditor.call(personRoutes.reconcileReports, { query: { limit: 1 } });
    expect(reports[0]).toMatchObject({
      provider: { body: { found: { missing: 0 } } },
      consumer: { body: { found: { missing: 1 } } },
    });
  });

  it('end a session whose other process has begun anew: its keys are gone', async () => {
    const session = await open(consumer);
    await put(consumer, session, 0, 'hello');
    await expect(put(consumer, session, 0, 'hello again')).rejects.toEqual(refused('RECONCILE_RESTARTED'));
    expect(await take(provider, session, 0)).toMatchObject({ state: 'failed', failure: { agent: 'sw-1' } });
  });

  it('are not joined by a third, whose messages and reports are refused', async () => {
    const session = await open(consumer);
    for (const act of [
      () => put(foreign, session, 0, 'x'),
      () => take(foreign, session, 0),
      () => fail(foreign, session),
      () => hand(foreign, session, reportOf(session)),
    ]) {
      await expect(act()).rejects.toEqual(refused('RECONCILE_UNKNOWN'));
    }
    await expect(open(foreign)).rejects.toEqual(refused('RECONCILE_NO_PARTNER'));
    await expect(hand(consumer, session, reportOf(session), provider)).rejects.toEqual(
      refused('RECONCILE_REPORT_WRONG'),
    );
    await expect(hand(consumer, session, reportOf(session, { provider: 'ga-1' }))).rejects.toEqual(
      refused('RECONCILE_REPORT_WRONG'),
    );
    await expect(open(consumer, true)).rejects.toEqual(refused('RECONCILE_RUNNING'));
    await fail(consumer, session);
  });

  it('are parted by the end of the grant', async () => {
    const session = await open(consumer);
    await town.officer.call(personRoutes.revoke, {
      params: { id: grant.body.agreement },
      body: { reason: '测试' },
    });
    await expect(put(provider, session, 0, 'x')).rejects.toEqual(refused('RECONCILE_ENDED'));
    expect(await take(consumer, session, 0)).toMatchObject({
      state: 'failed',
      failure: { agent: 'platform', code: 'QZ_PLATFORM_GRANT_NOT_LIVE' },
    });
  });
});
