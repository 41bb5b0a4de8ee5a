import { join } from 'node:path';
import { personRoutes } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resourceOf } from '../fixtures/resource.js';
import { query, rowsOf, sql, tablesOf } from '../fixtures/tables.js';
import { collectReceipts, expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import { createGate } from './gate.js';
import { createShiftedClock } from './shifted-clock.js';
import { until } from './until.js';

let site: FirmSite;
beforeEach(async () => {
  site = await createFirmSite();
});
afterEach(() => site?.close());

const batches = () =>
  query<{ seq: number; kind: string }>(
    join(site.dataDir, 'platform.sqlite'),
    'SELECT epoch, seq, kind FROM batches ORDER BY epoch, seq',
  );
const soon = () => AbortSignal.timeout(15_000);

describe('a revoked grant', () => {
  it('with batches in every state: nothing more is applied, staged parts are erased, the sequence is closed', async () => {
    const outgoing = createGate({ sendUpTo: 6 });
    const incoming = createGate({ fetchUpTo: 4 });
    await site.mz.start({ limits: smallBatches, channel: outgoing.through });
    const sw = await site.consumer('sw-1', 'sw');
    await sw.start({ channel: incoming.through });
    const { id } = await site.subscribe('sw', 'firm');

    // parts 1 to 6 are stored, the rest is sealed and unsent
    const supplying = site.mz.run('out');
    await until('six parts are stored', () => batches().length === 6);
    // parts 1 to 4 are staged, 5 and 6 are delivered
    const applying = sw.run('in');
    await until('parts wait behind the gate', () => incoming.held.has(5) && incoming.held.has(6));
    await until('four parts are staged', async () => (await receiptsOf('staged')).length === 4);
    await site.revoke(id);
    await sw.sync();
    incoming.open();

    expect(await applying).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_REVOKED' } });
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
    expect(tablesOf(site.targetOf('sw-1')).filter((name) => name.includes('shadow'))).toEqual([]);
    const [closing] = await until('the closing receipt is held', async () => {
      const found = await receiptsOf('rejected');
      return found.length > 0 && found;
    });
    expect(closing!.body).toMatchObject({ seqFrom: 1, seqTo: 6, rows: 60, reason: 'revoked' });
    expect(sw.engine.streams.list()).toMatchObject([{ state: 'revoked' }]);

    // what comes later is for nobody
    outgoing.open();
    await supplying;
    await site.mz.done('out');
    expect(await sw.run('in')).toMatchObject({ state: 'failed', problem: { kind: 'denied' } });
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
    await expectEvidence(site);
  });

  it('before anything was fetched: nothing arrives', async () => {
    await site.mz.start();
    const sw = await site.consumer('sw-1', 'sw');
    await sw.start();
    const { id } = await site.subscribe('sw', 'firm');
    await site.mz.done('out');
    await sw.sync();
    await site.revoke(id);
    expect(await sw.run('in')).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_NO_GRANT' } });
    expect(query(join(site.dataDir, 'platform.sqlite'), 'SELECT * FROM deliveries')).toEqual([]);
  });

  it('stops deliveries already applied at that point; rows applied before stay; another department goes on', async () => {
    await site.mz.start();
    const sw = await site.consumer('sw-1', 'sw');
    const rs = await site.consumer('rs-1', 'rs');
    await Promise.all([sw.start(), rs.start()]);
    const { id } = await site.subscribe('sw', 'firm');
    await site.subscribe('rs', 'firm');
    await site.mz.done('out');
    await Promise.all([sw.done('in'), rs.done('in')]);
    await site.revoke(id);
    sql(site.legacy, "UPDATE firm SET name = '新' WHERE code = 'c0001'");
    await site.mz.done('out');
    expect(await sw.run('in')).toMatchObject({ state: 'failed' });
    await rs.done('in');
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toHaveLength(100);
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).not.toContainEqual(['c0001', '新', '1381']);
    expect(rowsOf(site.targetOf('rs-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    await expectEvidence(site);
  });
});

it('a lease that ran out: nothing is applied until it is renewed, then all of it', async () => {
  const incoming = createGate({ fetchUpTo: 1 });
  const clock = createShiftedClock();
  await site.mz.start({ limits: smallBatches });
  const sw = await site.consumer('sw-1', 'sw');
  await sw.start({ channel: incoming.through, clock });
  await site.subscribe('sw', 'firm');
  await site.mz.done('out');
  const applying = sw.run('in', 'waiting');
  await until('a part waits', () => incoming.held.has(2));
  clock.aheadMs = 6_000;
  incoming.open();
  expect(await applying).toMatchObject({ state: 'waiting', problem: { code: 'QZ_ENGINE_LEASE_EXPIRED' } });
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
  clock.aheadMs = 0;
  await sw.done('in');
  expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
  await expectEvidence(site);
});

describe('a supply duty that ended', () => {
  it('by a failed secrecy review: what is queued is refused, and goes on after a review that passed', async () => {
    const outgoing = createGate({ sendUpTo: 2 });
    await site.mz.start({ limits: smallBatches, channel: outgoing.through });
    const supplying = site.mz.run('out');
    await until('two parts are stored', () => batches().length === 2);
    const items = [{ column: 'code' }, { column: 'name' }, { column: 'phone', length: 60 }];
    await site.publish(resourceOf('firm', items), 'failed');
    outgoing.open();
    const stopped = await supplying;
    expect(stopped.state).toBe('failed');
    expect(['QZ_PLATFORM_DUTY_MISSING', 'QZ_ENGINE_NO_DUTY']).toContain(stopped.problem?.code);
    expect(batches()).toHaveLength(2);

    await site.officer.call(personRoutes.reviewSecrecy, {
      params: { code: 'firm' },
      body: { result: 'passed', note: '' },
    });
    await site.mz.sync();
    site.mz.engine.streams.resume('firm');
    expect(await site.mz.run('out')).toMatchObject({ problem: { code: 'QZ_ENGINE_SCHEMA_CHANGED' } });
    await site.mz.engine.streams.acceptSchema('firm', soon());
    await site.mz.done('out');
    const sw = await site.consumer('sw-1', 'sw');
    await sw.start();
    await site.subscribe('sw', 'firm');
    await sw.done('in');
    expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
    await expectEvidence(site);
  });

  it('by the revocation of the agent: nothing that is queued is accepted', async () => {
    const outgoing = createGate({ sendUpTo: 2 });
    await site.mz.start({ limits: smallBatches, channel: outgoing.through });
    const supplying = site.mz.run('out');
    await until('two parts are stored', () => batches().length === 2);
    await site.officer.call(personRoutes.revokeAgent, {
      params: { agent: 'mz-1' },
      body: { reason: '测试' },
    });
    outgoing.open();
    expect(await supplying).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_PLATFORM_AGENT_REVOKED' },
    });
    expect(batches()).toHaveLength(2);
    expect(site.mz.engine.streams.show('firm')).toMatchObject({ state: 'stopped' });
  });
});

async function receiptsOf(stage: string) {
  const { receipts } = await collectReceipts(site);
  return receipts.filter(({ body }) => body.stage === stage);
}
