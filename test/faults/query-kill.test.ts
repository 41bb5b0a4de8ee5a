import { readdirSync, readFileSync } from 'node:fs';
import { controlRoutes } from '@qianzhi/agent/control';
import { personRoutes, type QueryResult } from '@qianzhi/model';
import { checkQueryResult, checkReceipts } from '@qianzhi/model/crypto';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { createRig, type Rig, type RigAgent } from '../e2e/rig.js';
import { firmEntry, localQueries } from '../integration/query-site.js';
import { until } from '../integration/until.js';

/** SIGKILL of platform and provider in the midst of a query; all are processes of their own. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: Rig;
let provider: RigAgent;
let consumer: RigAgent;

beforeAll(async () => {
  rig = await createRig();
  const db = new Database(rig.at('legacy.sqlite'));
  db.exec('CREATE TABLE firm (uscc TEXT PRIMARY KEY, name TEXT, id_no TEXT, capital NUMERIC)');
  const insert = db.prepare('INSERT INTO firm VALUES (?, ?, NULL, 1)');
  for (let n = 1; n <= 20; n++) insert.run(`U${n}`, `企业${n}`);
  db.close();
  const config = {
    connectors: { db: { type: 'sqlite', path: rig.at('legacy.sqlite') } },
    queries: localQueries,
  };
  // JSON is YAML
  const lines = Object.entries(config).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  await rig.enrol('mz', 'mz', lines.join(''));
  await rig.enrol('sw', 'sw', '');
  await rig.publish(firmEntry, 'mz');
  const purpose = { usage: 'data-check' as const, matter: '登记核验', legalBasis: '' };
  const body = { resource: 'firm', items: [], purpose, modes: ['online-query' as const] };
  const applied = await rig.as('consumer').call(personRoutes.apply, { body });
  if (applied.state !== 'granted')
    await rig.as('approver').call(personRoutes.approve, { params: { id: applied.id }, body: {} });
  provider = await rig.startAgent('mz');
  consumer = await rig.startAgent('sw');
});
afterAll(() => rig?.close());

const asking = (service: string) => ({
  params: { resource: 'firm', service },
  body: { lookups: [{ uscc: 'U1' }], timeoutMs: 30_000 },
});
const byPerson = (service: string) => rig.as('consumer').call(personRoutes.query, asking(service));
const byAgent = (service: string) => consumer.control.call(controlRoutes.query, asking(service));
const errorOf = (work: Promise<QueryResult>): Promise<{ code: string; kind: string }> =>
  work.then(
    () => expect.unreachable('it was answered'),
    (error) => error,
  );

/** Processes anywhere below that ask a file of this rig's; Linux. Orphans keep their command line. */
function asked(): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isAsking(pid)).length;
}

const children = new Set<string>();
function isAsking(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isChild = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('query/child');
    if (isChild && parent === String(provider.process.pid)) children.add(pid);
    return isChild && children.has(pid) && state === 'R';
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

const twoRun = () => until('both run in the database', async () => asked() === 2, 30_000);
const noneRuns = () => until('nothing runs in the database', async () => asked() === 0, 10_000);

/** Each answer that was shown has its receipt, and there is no receipt of anything else. */
async function expectShown(shown: readonly QueryResult[]): Promise<void> {
  const person = rig.as('consumer');
  const { keys } = await person.call(personRoutes.keyDirectory, {});
  const { operations } = await person.call(personRoutes.listOperations, { query: { limit: 100 } });
  const receipts = operations.map(({ receipt }) => receipt).reverse();
  expect(checkReceipts(receipts, keys)).toEqual({ verified: receipts.length, problems: [] });
  for (const result of shown) checkQueryResult(result, keys);
  expect(receipts.map(({ body }) => body.id)).toEqual(shown.map(({ receipt }) => receipt.body.id));
}

const whileAway = (error: { readonly kind?: string }) => {
  if (error.kind !== 'unavailable') throw error;
  return undefined;
};
const answered = () => until('it answers again', () => byPerson('by-uscc').catch(whileAway), 60_000);
const lastLogged = async (agent: RigAgent) => (await readQueryLog(agent.stateDir)).at(-1);
const shown: QueryResult[] = [];

it('a provider that is killed answers nothing, leaves nothing running, and answers again when it is back', async () => {
  shown.push(await answered());
  const both = [errorOf(byPerson('endless')), errorOf(byAgent('endless'))];
  await twoRun();
  const at = Date.now();
  await rig.stopAgent('mz', 'SIGKILL');
  for (const error of await Promise.all(both))
    expect(error).toMatchObject({ code: 'QZ_PLATFORM_QUERY_TUNNEL_LOST', kind: 'unavailable' });
  expect(Date.now() - at).toBeLessThan(5_000);
  await noneRuns();
  expect(await lastLogged(consumer)).toMatchObject({
    kind: 'unanswered',
    service: 'endless',
    code: 'QZ_PLATFORM_QUERY_TUNNEL_LOST',
  });
  provider = await rig.startAgent('mz');
  shown.push(await answered());
  await expectShown(shown);
});

it('a platform that is killed has shown nothing; both agents know that there was no answer', async () => {
  const both = [errorOf(byPerson('endless')), errorOf(byAgent('endless'))];
  await twoRun();
  const at = Date.now();
  await rig.platform.stop('SIGKILL');
  for (const error of await Promise.all(both)) expect(error).toMatchObject({ kind: 'unavailable' });
  expect(Date.now() - at).toBeLessThan(10_000);
  await noneRuns();
  await until('the provider gave up', async () => (await lastLogged(provider))?.kind === 'refused');
  expect(await lastLogged(provider)).toMatchObject({ kind: 'refused', service: 'endless' });
  expect(await lastLogged(consumer)).toMatchObject({ kind: 'unanswered', service: 'endless' });
  await rig.startPlatform(Number(new URL(rig.url).port));
  await rig.signInAgain();
  shown.push(await answered());
  await expectShown(shown);
});
