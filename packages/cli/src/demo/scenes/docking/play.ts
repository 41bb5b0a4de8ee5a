import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent, controlRoutes } from '@qianzhi/agent';
import { personRoutes } from '@qianzhi/model';
import { checkReceipts } from '@qianzhi/model/crypto';
import { startDemoAgent } from '../../agents.js';
import { createProcesses, type Processes } from '../../processes.js';
import { openSmallStage } from '../../small-stage.js';
import { changeDocument } from '../../tamper.js';
import { check, type Scene, type SceneCheck, sceneResult } from '../scene.js';
import { type BusinessSystem, businessSystem, type Change, type EventReader } from './business-system.js';
import { texts } from './texts.js';

const BULK = 500;
const TIMED = 40;
const SLOWEST_MS = 1_000;
const FEED = '/feeds/demo_firm';
const RESOURCE = '/resources/demo_firm';

/** 系统对接: a business system of 民政 pushes records over HTTP, one of 税务 reads them as events; neither has a database table for it. */
export const dockingScene: Scene = {
  tampers: ['record', 'receipt'],
  async play({ tamper, tell }, signal) {
    const startedAt = Date.now();
    const folder = await mkdtemp(join(tmpdir(), 'qianzhi-scene-'));
    const processes = createProcesses(folder, { QZ_HOME: join(folder, 'home') });
    try {
      const checks = await play(folder, processes, tamper, tell, signal);
      return sceneResult('docking', checks, startedAt);
    } finally {
      await processes.stopAll();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

type Tell = Parameters<Scene['play']>[0]['tell'];

async function play(
  folder: string,
  processes: Processes,
  tamper: string | undefined,
  tell: Tell,
  signal: AbortSignal,
): Promise<SceneCheck[]> {
  tell(
    '平台与两台前置机;业务系统只用 HTTP',
    'a platform and two agents; the business systems know HTTP alone',
  );
  const { governance, agreement } = await openSmallStage(folder, processes, texts, signal);
  const until = <T>(what: string, probe: () => Promise<T | undefined>) =>
    processes.until('platform', what, probe, signal);
  const seen = (reader: EventReader, count: number) =>
    until(`${count} events`, async () => (reader.events.length >= count ? reader.events : undefined));
  const crm = await systemOf(folder, processes, 'mz', 'push', signal);
  const erp = await systemOf(folder, processes, 'sw', 'read', signal);
  const kept = new Map<string, Readonly<Record<string, string | null>>>();
  const checks: SceneCheck[] = [];

  tell(
    '批量推送并逐条答复;有误的记录只答复,不出门',
    'a bulk, answered record by record; what is wrong goes nowhere',
  );
  const anonymous = await businessSystem(crm.url, 'none').call('POST', `${RESOURCE}/records`, {});
  checks.push(check('no-key-no-access', 401, anonymous.status));
  const lines = Array.from({ length: BULK }, (_, n) => ({
    code: `c${n}`,
    name: `企业${n}`,
    capital: `${n}.5`,
  }));
  for (const { code, name, capital } of lines) kept.set(code, { code, name, capital: `${capital}0` });
  const text = [...lines, { code: 'wrong', name: '名称'.repeat(11) }]
    .map((upsert) => `${JSON.stringify({ upsert })}\n`)
    .join('');
  const taken = await until('the agent may supply', async () => {
    const answer = await crm.call('POST', `${RESOURCE}/bulk`, text, 'bulk-1');
    return answer.status === 200 ? answer : undefined;
  });
  const again = await crm.call('POST', `${RESOURCE}/bulk`, text, 'bulk-1');
  const results = taken.body.results as readonly { accepted: boolean; item?: string; reason?: string }[];
  const refused = results.find(({ accepted }) => !accepted);
  checks.push(
    check(
      'each-record-is-answered',
      `${BULK} taken, 1 refused`,
      `${taken.body.accepted} taken, ${taken.body.refused} refused`,
    ),
    check('refused-with-item-and-reason', 'name too-long', `${refused?.item} ${refused?.reason}`),
    check('a-repetition-gets-the-same-answer', String(taken.body.push), String(again.body.push)),
  );
  const other = await crm.call('POST', `${RESOURCE}/bulk`, `${text} `, 'bulk-1');
  checks.push(check('other-content-under-the-same-key', 409, other.status));
  const stored = await until('the receipt', async () => {
    const { body } = await crm.call('GET', `${RESOURCE}/pushes/${taken.body.push}`);
    return body.stage === 'stored' ? body : undefined;
  });

  tell(
    '税务业务系统读事件流;断线后从最后一条继续',
    '税务 reads events; cut off, it goes on behind the last one',
  );
  await until('all has arrived', async () => ((await allOf(erp)).length >= BULK ? true : undefined));
  const stream = await erp.events(`${FEED}/events?from=now`);
  await crm.call('POST', `${RESOURCE}/deletions`, { code: 'c0' });
  await crm.call('POST', `${RESOURCE}/records`, {
    code: 'exact',
    name: '甲\t"公司"',
    capital: '12345678901234567890.5',
  });
  kept.delete('c0');
  kept.set('exact', { code: 'exact', name: '甲\t"公司"', capital: '12345678901234567890.50' });
  const [removed, exact] = await seen(stream, 2);
  checks.push(
    check('a-delete-arrives', 'delete c0', `${removed!.event} ${removed!.data.key.code}`),
    check('values-arrive-exactly', JSON.stringify(kept.get('exact')), JSON.stringify(exact!.data.values)),
  );
  stream.cut();
  await crm.call('POST', `${RESOURCE}/records`, { code: 'meanwhile', name: '断线期间' });
  kept.set('meanwhile', { code: 'meanwhile', name: '断线期间', capital: null });
  const resumed = await erp.events(`${FEED}/events`, exact!.id);
  const [first] = await seen(resumed, 1);
  checks.push(check('resumed-behind-the-last-event', 'meanwhile', String(first!.data.key.code)));

  const times: number[] = [];
  for (let n = 0; n < TIMED; n++) {
    const from = performance.now();
    await crm.call('POST', `${RESOURCE}/records`, { code: `t${n}`, name: '计时' });
    kept.set(`t${n}`, { code: `t${n}`, name: '计时', capital: null });
    times.push((await seen(resumed, n + 2))[n + 1]!.at - from);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((TIMED - 1) * share)]!);
  tell(
    `推送到对方事件:中位 ${at(0.5)} 毫秒,最慢 ${at(1)} 毫秒`,
    `push to the other side’s event: median ${at(0.5)} ms, slowest ${at(1)} ms`,
  );
  checks.push(
    { name: 'push-to-event-median-ms', expected: SLOWEST_MS, actual: at(0.5), ok: at(0.5) < SLOWEST_MS },
    check('no-event-twice', TIMED + 1, new Set(resumed.events.map(({ id }) => id)).size),
  );

  const received = await allOf(erp);
  if (tamper === 'record')
    received[0] = { ...received[0]!, values: { ...received[0]!.values, name: '别名' } };
  const shown = received.filter(({ op }) => op === 'upsert').map(({ values }) => values);
  checks.push(check('records-at-both-ends', digest([...kept.values()]), digest(shown)));

  tell('撤销授权:事件流一秒内结束', 'the grant is revoked: the stream ends within a second');
  await governance
    .as('officer')
    .call(personRoutes.revoke, { params: { id: agreement.id }, body: { reason: '演示' } }, signal);
  const revokedAt = performance.now();
  const closed = await until('the stream is closed', async () =>
    resumed.events.find(({ event }) => event === 'closed'),
  );
  const page = await erp.call('GET', `${FEED}/changes`);
  checks.push(
    check('revocation-within-a-second', true, closed.at - revokedAt < 1_000),
    check('nothing-is-read-after-it', 403, page.status),
  );

  if (tamper === 'receipt') changeDocument(join(folder, 'platform'), 'receipt');
  const auditor = governance.as('auditor');
  const { receipts } = await auditor.call(personRoutes.listReceipts, { query: { limit: 1000 } }, signal);
  const { keys } = await auditor.call(personRoutes.keyDirectory, {}, signal);
  checks.push(
    check(
      'the-push-has-its-receipt',
      true,
      receipts.some(({ body }) => body.id === stored.receipt),
    ),
    check('receipts-that-do-not-hold', 0, checkReceipts(receipts, keys).problems.length),
  );
  await governance.close();
  return checks;
}

/** Starts a department's agent and makes its business system a key, as its operator does. */
async function systemOf(
  folder: string,
  processes: Processes,
  department: 'mz' | 'sw',
  action: 'push' | 'read',
  signal: AbortSignal,
): Promise<BusinessSystem & { readonly url: string }> {
  const name = `${department}-agent`;
  const config = `${name}.yaml`;
  const stateDir = join(folder, `${department}-state`);
  await (await startDemoAgent(processes, name, config, stateDir, signal)).close();
  const out = join(folder, `${department}.key`);
  const scope = `${action}:demo_firm`;
  await processes.run(`${department}-key`, [
    'api-key',
    'create',
    'demo',
    '--scope',
    scope,
    '--config',
    config,
    '--out',
    out,
  ]);
  const control = connectAgent(stateDir);
  const { api } = await control.call(controlRoutes.status, {}, signal);
  await control.close();
  const { url } = api!;
  return { url, ...businessSystem(url, (await readFile(out, 'utf8')).trim()) };
}

/** Every record as it is now. */
async function allOf(erp: BusinessSystem): Promise<Change[]> {
  const records = new Map<string, Change>();
  for (let after = ''; ; ) {
    const { status, body } = await erp.call('GET', `${FEED}/changes?limit=200${after}`);
    if (status !== 200) return [];
    for (const change of body.records as readonly Change[]) records.set(String(change.key.code), change);
    after = `&after=${encodeURIComponent(String(body.next))}`;
    if (body.end) return [...records.values()];
  }
}

/** Of the records, whatever their order. */
function digest(records: readonly Readonly<Record<string, string | null>>[]): string {
  const lines = records.map(({ code, name, capital }) => JSON.stringify([code, name, capital])).toSorted();
  return `${records.length} ${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)}`;
}
