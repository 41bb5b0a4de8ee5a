import { personRoutes, type QueryResult } from '@qianzhi/model';
import { checkQueryResult, checkReceipts } from '@qianzhi/model/crypto';
import { startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { createQuerySite, type QuerySite } from '../integration/query-site.js';
import { until } from '../integration/until.js';

let rig: QuerySite;
let proxy: TcpProxy;
/** The provider's agent reaches the platform through the proxy; consumers reach it directly. */
beforeEach(async () => {
  rig = await createQuerySite(async (own) => {
    const { hostname: host, port } = new URL(own);
    proxy = await startTcpProxy({ target: { host, port: Number(port) } });
    return `http://${proxy.host}:${proxy.port}`;
  });
  await rig.grant();
});
afterEach(async () => {
  await rig?.close();
  await proxy?.[Symbol.asyncDispose]();
});

/** How long a provider may not know of a revocation; silence on its connection ends all that runs long before. */
const LEASE_MS = 60_000;

const errorOf = (work: Promise<QueryResult>): Promise<{ code: string; kind: string }> =>
  work.then(
    () => expect.unreachable('it was answered'),
    (error) => error,
  );
const running = () => until('the endless query runs', async () => (await rig.busy()) > 0);
const stopped = () => until('the provider stopped it', async () => (await rig.busy()) === 0);

/** What was shown is what the platform recorded: each answer once, numbered without gaps, and no failure among them. */
async function expectShown(shown: readonly QueryResult[]): Promise<void> {
  const { keys } = await rig.consumer.call(personRoutes.keyDirectory, {});
  const { operations } = await rig.consumer.call(personRoutes.listOperations, { query: { limit: 100 } });
  const receipts = operations.map(({ receipt }) => receipt).reverse();
  expect(checkReceipts(receipts, keys)).toEqual({ verified: receipts.length, problems: [] });
  for (const result of shown) checkQueryResult(result, keys);
  expect(receipts.map(({ body }) => body.id)).toEqual(shown.map(({ receipt }) => receipt.body.id));
  const answered = (await readQueryLog(rig.stateDir('mz-1'))).filter(({ kind }) => kind === 'answered');
  expect(new Set(answered.map(({ id }) => id)).size).toBe(answered.length);
  for (const { id } of shown) expect(answered.map((entry) => entry.id)).toContain(id);
}

it('a connection that is cut fails what runs at once, ends it in the database, and comes back by itself', async () => {
  const before = await rig.ask('by-uscc', [{ uscc: 'U1' }]);
  const asked = errorOf(rig.ask('endless', [{ uscc: 'U1' }]));
  await running();
  proxy.reset();
  expect(await asked).toMatchObject({ code: 'QZ_PLATFORM_QUERY_TUNNEL_LOST', kind: 'unavailable' });
  await stopped();
  const after = await until('it answers again', () =>
    rig.ask('by-uscc', [{ uscc: 'U2' }]).catch(() => undefined),
  );
  await expectShown([before, after]);
});

it('a connection that stalls is given up by the time of the request, and shows nothing afterwards', async () => {
  proxy.stall();
  const asked = errorOf(rig.ask('by-uscc', [{ uscc: 'U1' }], { timeoutMs: 500 }));
  expect(await asked).toMatchObject({ code: 'QZ_PLATFORM_QUERY_TIMEOUT', kind: 'timeout' });
  proxy.flow();
  const after = await until(
    'it answers again',
    () => rig.ask('by-uscc', [{ uscc: 'U2' }]).catch(() => undefined),
    40_000,
  );
  await expectShown([after]);
});

it('a revocation that a provider cannot hear of ends at once for who asked, and there when it hears nothing any more', async () => {
  const agreement = await rig.grantAnew();
  const asked = errorOf(rig.ask('endless', [{ uscc: 'U1' }], { timeoutMs: 60_000 }));
  await running();
  proxy.stall();
  const at = Date.now();
  await rig.site.revoke(agreement);
  expect(await asked).toMatchObject({ code: 'QZ_PLATFORM_QUERY_REVOKED', kind: 'denied' });
  expect(Date.now() - at).toBeLessThan(1_000);
  const gaveUp = async () => {
    const last = (await readQueryLog(rig.stateDir('mz-1'))).at(-1);
    return last?.kind === 'refused' && last.service === 'endless';
  };
  await until('the provider gave up', gaveUp, LEASE_MS - 15_000);
  await stopped();
  await expectShown([]);
}, 90_000);

it('a provider that is gone is offline, and a slow question of it harms no other', async () => {
  const slow = errorOf(rig.ask('endless', [{ uscc: 'U1' }], { timeoutMs: 3_000 }));
  await running();
  const results: QueryResult[] = [];
  for (let n = 1; n <= 20; n++) results.push(await rig.ask('by-uscc', [{ uscc: `U${n}` }]));
  expect(await slow).toMatchObject({ code: 'QZ_PLATFORM_QUERY_TIMEOUT' });
  await stopped();
  await rig.mz.stop();
  expect(await errorOf(rig.ask('by-uscc', [{ uscc: 'U1' }]))).toMatchObject({
    code: 'QZ_PLATFORM_QUERY_PROVIDER_OFFLINE',
    kind: 'unavailable',
  });
  await expectShown(results);
});

it('who asks and leaves has the database stop, and is told nothing more', async () => {
  const leaving = new AbortController();
  const asked = errorOf(rig.ask('endless', [{ uscc: 'U1' }], {}, leaving.signal));
  await running();
  leaving.abort();
  expect(await asked).toMatchObject({ kind: 'cancelled' });
  await stopped();
  await expectShown([]);
});

it('a platform that is stopped while it asks shows nothing, and the provider comes back to it', async () => {
  const asked = errorOf(rig.ask('endless', [{ uscc: 'U1' }]));
  await running();
  await rig.site.stopPlatform();
  expect(['unavailable', 'cancelled']).toContain((await asked).kind);
  await stopped();
  await rig.site.startPlatform();
  const after = await until(
    'it answers again',
    () => rig.ask('by-uscc', [{ uscc: 'U2' }]).catch(() => undefined),
    60_000,
  );
  await expectShown([after]);
}, 90_000);
