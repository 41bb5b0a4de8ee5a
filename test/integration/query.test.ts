import { type KeyRecord, personRoutes } from '@qianzhi/model';
import { checkQueryResult, checkReceipts } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupAgent, restoreAgent } from '../../packages/agent/src/backup.js';
import { connectAgent } from '../../packages/agent/src/control/connect.js';
import { controlRoutes } from '../../packages/agent/src/control/routes.js';
import { readQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { createQuerySite, type QuerySite } from './query-site.js';
import { until } from './until.js';

let rig: QuerySite;
let keys: readonly KeyRecord[];
beforeAll(async () => {
  rig = await createQuerySite();
  keys = (await rig.consumer.call(personRoutes.keyDirectory, {})).keys;
});
afterAll(() => rig?.close());

const denied = (work: Promise<unknown>, code: string) => expect(work, code).rejects.toMatchObject({ code });

describe.sequential('online query', () => {
  it('answers nothing before it is granted, and is told what to apply for', async () => {
    const refused = await rig.ask('by-uscc', [{ uscc: 'U1' }]).catch((error) => error);
    expect(refused).toMatchObject({ code: 'QZ_PLATFORM_QUERY_NO_AGREEMENT', kind: 'denied' });
    expect(refused.texts.zh.hint).toContain('qianzhi agreement apply firm --mode online-query');
    expect(await readQueryLog(rig.stateDir('mz-1'))).toEqual([]);
  });

  it('answers granted items exactly, proven by the signatures of both and by a receipt', async () => {
    await rig.grant();
    const result = await rig.ask('by-uscc', [{ uscc: 'U7' }], { matter: '税务登记' });
    expect(result).toMatchObject({
      items: ['uscc', 'name', 'id_no', 'capital'],
      values: [['U7', '同名', 'id\t7', '7.50']],
      complete: true,
      counts: [1],
    });
    checkQueryResult(result, keys);
    expect(checkReceipts([result.receipt], keys)).toEqual({ verified: 1, problems: [] });
    const { operations } = await rig.consumer.call(personRoutes.listOperations, { query: { limit: 10 } });
    expect(operations[0]).toMatchObject({
      matter: '税务登记',
      actor: 'person:sw-consumer',
      receipt: result.receipt,
    });
    const [logged] = await readQueryLog(rig.stateDir('mz-1'));
    expect(logged).toMatchObject({ kind: 'answered', id: result.id, rows: 1, rowsDigest: result.digest });
    expect(JSON.stringify(logged)).not.toMatch(/\bU7\b/);
  });

  it('a changed answer is not believed', async () => {
    const result = await rig.ask('by-uscc', [{ uscc: 'U8' }]);
    const forged = [
      { ...result, values: [['U8', '别名', 'id\t8', '8.50']] },
      { ...result, items: result.items.toReversed() },
      { ...result, resource: 'other' },
      { ...result, service: 'by-name' },
      { ...result, complete: true, stoppedBy: 'rows' as const },
      { ...result, answer: { ...result.answer!, body: { ...result.answer!.body, agent: 'mz-2' } } },
      {
        ...result,
        request: { ...result.request, body: { ...result.request.body, lookups: [{ uscc: 'U9' }] } },
      },
    ];
    for (const each of forged)
      expect(() => checkQueryResult(each, keys)).toThrow(
        expect.objectContaining({ code: 'QZ_MODEL_QUERY_UNTRUSTED' }),
      );
  });

  it('a thousand keys at once, in their order, one that is not there among them', async () => {
    const lookups = Array.from({ length: 1_000 }, (_, n) => ({ uscc: `U${n + 2}` }));
    const result = await rig.ask('by-uscc', lookups);
    expect(result).toMatchObject({ rows: 999, complete: true });
    expect(result.counts.slice(-2)).toEqual([1, 0]);
    expect(result.values.map(([uscc]) => uscc)).toEqual(lookups.slice(0, -1).map(({ uscc }) => uscc));
    checkQueryResult(result, keys);
  });

  it('what a bound cuts off is never shown as complete', async () => {
    const result = await rig.ask('by-name', [{ name: '同名' }]);
    expect(result).toMatchObject({ rows: 10, complete: false, stoppedBy: 'rows', counts: [10] });
  });

  it('says which parameter is wrong, and what it has to be', async () => {
    await denied(rig.ask('nothing', [{}]), 'QZ_PLATFORM_QUERY_SERVICE_UNKNOWN');
    const wrong = async (lookups: object[]) =>
      rig.ask('by-uscc', lookups as never).catch((error: { code: string; details: object }) => error);
    const code = 'QZ_PLATFORM_QUERY_PARAMETER_WRONG';
    expect(await wrong([{ uscc: 'U1' }, { uscc: null }])).toMatchObject({
      code,
      details: { lookup: 2, parameter: 'uscc' },
    });
    expect(await wrong([{ uscc: 'U'.repeat(19) }])).toMatchObject({
      code,
      details: { shape: { en: 'text, at most 18 characters' } },
    });
    expect(await wrong([{ uscc: 'U1', other: 'x' }])).toMatchObject({
      code,
      details: { parameter: 'other' },
    });
    expect(JSON.stringify(await wrong([{ uscc: `secret${'!'.repeat(19)}` }]))).not.toContain('secret');
  });

  it('an agent asks for its business systems, and keeps a log of its own', async () => {
    await rig.start('sw-1', 'sw');
    const control = connectAgent(rig.stateDir('sw-1'));
    const params = { resource: 'firm', service: 'by-uscc' };
    const body = { lookups: [{ uscc: 'U3' }], timeoutMs: 5_000 };
    const result = await control.call(controlRoutes.query, { params, body });
    await control.close();
    expect(result).toMatchObject({ values: [['U3', '同名', 'id\t3', '3.50']], complete: true });
    expect(result.request.body.actor).toBe('agent:sw-1');
    expect(await readQueryLog(rig.stateDir('sw-1'))).toMatchObject([
      { kind: 'asked', id: result.id, rowsDigest: result.digest, receipt: result.receipt.body.id },
    ]);
  });

  it('the provider’s metrics count what was answered and refused, without a value', async () => {
    const metrics = await (await fetch(`${rig.mz.status().monitorUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /qianzhi_agent_queries_total\{service="firm\/by-uscc",outcome="complete"\} [1-9]/,
    );
    expect(metrics).toMatch(/qianzhi_agent_queries_total\{service="firm\/by-name",outcome="partial"\} 1/);
    expect(metrics).toMatch(/qianzhi_agent_query_rows_total\{service="firm\/by-name"\} 10/);
    expect(metrics).toContain('qianzhi_agent_query_tunnel_up 1');
    expect(metrics).toContain('qianzhi_agent_query_service_up{service="firm/endless"} 1');
    expect(metrics).not.toContain('同名');
  });

  it('the log is part of the agent’s backup', async () => {
    const [backup, restored] = [rig.site.at('backup'), rig.site.at('restored')];
    await backupAgent(rig.stateDir('mz-1'), backup, AbortSignal.timeout(30_000));
    await restoreAgent(backup, restored, AbortSignal.timeout(30_000));
    const log = await readQueryLog(restored);
    expect(log.length).toBeGreaterThan(0);
    expect(log).toEqual(await readQueryLog(rig.stateDir('mz-1')));
  });

  it('what an agent asks in vain is in its log, too', async () => {
    const control = connectAgent(rig.stateDir('sw-1'));
    const params = { resource: 'firm', service: 'endless' };
    const body = { lookups: [{ uscc: 'U3' }], timeoutMs: 300 };
    await denied(control.call(controlRoutes.query, { params, body }), 'QZ_PLATFORM_QUERY_TIMEOUT');
    await control.close();
    const last = (await readQueryLog(rig.stateDir('sw-1'))).at(-1);
    expect(last).toMatchObject({ kind: 'unanswered', service: 'endless', code: 'QZ_PLATFORM_QUERY_TIMEOUT' });
    expect(JSON.stringify(last)).not.toMatch(/\bU3\b/);
  });

  it('a newer grant shows its items only, masked before they leave; what is masked is no condition', async () => {
    const agreement = await rig.grantAnew({ items: ['uscc', 'name'], masks: { name: 'name' } });
    const result = await rig.ask('by-uscc', [{ uscc: 'U30' }]);
    expect(result).toMatchObject({ agreement, grantVersion: 1, items: ['uscc', 'name'] });
    expect(result.values[0]![1]).toMatch(/^企\*+$/);
    expect(result.answer!.body.rowsDigest).toBe(result.digest);
    await rig.grantAnew({ items: ['uscc', 'name'], masks: { uscc: 'pseudonym' } });
    await denied(rig.ask('by-uscc', [{ uscc: 'U30' }]), 'QZ_PLATFORM_QUERY_PARAMETER_NOT_GRANTED');
    const named = await rig.ask('by-name', [{ name: '企业30' }]);
    expect(named).toMatchObject({ answer: null, rows: 1, complete: true });
    expect(named.values[0]![0]).not.toMatch(/\bU30\b/);
    checkQueryResult(named, keys);
  });

  it('a quota bounds requests and rows', async () => {
    await rig.grantAnew({ quota: { requestsPerMinute: 1 } });
    await rig.ask('by-uscc', [{ uscc: 'U1' }]);
    await denied(rig.ask('by-uscc', [{ uscc: 'U1' }]), 'QZ_PLATFORM_QUOTA_USED');
    await rig.grantAnew({ quota: { rowsPerDay: 7 } });
    const result = await rig.ask('by-name', [{ name: '同名' }]);
    expect(result).toMatchObject({ complete: false, stoppedBy: 'rows' });
    expect(result.rows).toBe(7);
    await denied(rig.ask('by-name', [{ name: '同名' }]), 'QZ_PLATFORM_QUOTA_USED');
  });

  it('a revocation ends what runs within a second, in the database too', async () => {
    const agreement = await rig.grantAnew();
    const asked = rig.ask('endless', [{ uscc: 'U1' }]).catch((error) => error);
    await until('it runs', async () => (await rig.busy()) > 0);
    const started = Date.now();
    await rig.site.revoke(agreement);
    expect(await asked).toMatchObject({ code: 'QZ_PLATFORM_QUERY_REVOKED', kind: 'denied' });
    expect(Date.now() - started).toBeLessThan(1_000);
    await denied(rig.ask('by-uscc', [{ uscc: 'U1' }]), 'QZ_PLATFORM_QUERY_NO_AGREEMENT');
    await until('the database stopped', async () => (await rig.busy()) === 0, 1_000);
    await until('the provider gave up', async () => {
      const last = (await readQueryLog(rig.stateDir('mz-1'))).at(-1);
      return last?.kind === 'refused' && last.service === 'endless';
    });
  });
});
