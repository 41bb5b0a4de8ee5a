import { appendFile, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuditHead, type AuditRecord, type KeyRecord, modelErrors, personRoutes } from '@qianzhi/model';
import { auditDigest, type ChainEntry, checkAuditChain } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chainFiles, readChainLines } from '../../packages/agent/src/audit/chain-files.js';
import { exchangeHeads, startHeadExchange } from '../../packages/agent/src/audit/exchange-heads.js';
import { readKeptHeads, writeKeptHeads } from '../../packages/agent/src/audit/kept-heads.js';
import { readIdentity } from '../../packages/agent/src/identity/identity-file.js';
import { createLog } from '../../packages/agent/src/log.js';
import { openQueryLog } from '../../packages/agent/src/queries/query-log.js';
import { startAgent } from '../../packages/agent/src/start-agent.js';
import { openWebhookLog, webhookChain } from '../../packages/agent/src/webhooks/webhook-log.js';
import { agentChain, type ChainExport, platformChain } from '../../packages/cli/src/audit/export-chain.js';
import { readChain } from '../../packages/cli/src/audit/read-chain.js';
import { createSite, type Site } from './site.js';
import type { SiteAgent } from './site-agent.js';
import { until } from './until.js';

const soon = () => AbortSignal.timeout(20_000);
const now = () => new Date();

const letter = {
  webhook: 'oa',
  host: 'oa.example',
  exchange: 'in',
  id: 'msg_1',
  last: '1',
  records: 1,
  bytes: 2,
  bodyDigest: 'sha-256:x',
  attempt: 1,
} as const;

let site: Site;
let agent: SiteAgent;
let config: string;
let keys: readonly KeyRecord[];
beforeAll(async () => {
  site = await createSite();
  agent = await site.enrol('mz-1', 'mz', { connectors: {}, exchanges: [] });
  config = site.at('mz-1.json');
  const log = await openQueryLog(agent.stateDir, now);
  for (const kind of ['answered', 'refused', 'asked'] as const) {
    await log.record({ kind, resource: 'firm', service: 'by-key', consumer: 'sw', actor: 'agent:sw-1' });
  }
  await log.close();
  const webhookLog = await openWebhookLog(agent.stateDir, now);
  for (const kind of ['sending', 'delivered'] as const) await webhookLog.record({ ...letter, kind });
  await webhookLog.close();
  const running = await startAgent(config, soon());
  await until('the agent keeps a head', async () => (await readKeptHeads(agent.stateDir)).length > 0);
  await running.stop();
  keys = (await readIdentity(agent.stateDir))!.platformKeys;
});
afterAll(() => site.close());

/** Through the file, as a person does. */
async function written(chain: ChainExport) {
  const file = site.at('chain.jsonl');
  await writeFile(file, chain.lines);
  const read = await readChain([file]);
  await rm(file);
  return { ...read, heads: chain.heads, keys: chain.keys };
}

const exportPlatform = async () => {
  const auditor = await site.person(null, 'auditor');
  return written(await platformChain(auditor, soon()));
};

/** The chain as one who holds the platform's database would write it, every digest right. */
function rewritten(entries: readonly ChainEntry[]): AuditRecord[] {
  const anew: AuditRecord[] = [];
  for (const entry of entries as readonly AuditRecord[]) {
    const actor = entry.actor === 'person:officer' ? 'person:somebody' : entry.actor;
    const body = { ...entry, actor, previous: anew.at(-1)?.digest ?? null };
    anew.push({ ...body, digest: auditDigest(body) });
  }
  return anew;
}

describe('R113 heads of audit chains, exchanged between agent and platform', () => {
  it('the platform’s audit fits the head that the agent keeps, and one written anew does not', async () => {
    const { of, entries } = await exportPlatform();
    const heads = await readKeptHeads(agent.stateDir);
    expect(checkAuditChain({ of, entries, heads, keys })).toMatchObject({ ok: true, heads: heads.length });
    const anew = rewritten(entries);
    expect(checkAuditChain({ of, entries: anew, heads: [], keys }).ok).toBe(true);
    expect(checkAuditChain({ of, entries: anew, heads, keys }).problems).toMatchObject([
      { code: 'head-differs', seq: heads[0]!.body.seq },
    ]);
  });

  it('the agent’s query log fits the head that the platform keeps, and one cut off does not', async () => {
    const { of, entries } = await written(await agentChain(config, 'queries'));
    const platform = await exportPlatform();
    const evidence = { of, heads: platform.heads, keys: platform.keys };
    expect(checkAuditChain({ ...evidence, entries })).toMatchObject({ ok: true, entries: 3, heads: 1 });
    expect(checkAuditChain({ ...evidence, entries: entries.slice(0, 2) }).problems).toEqual([
      { code: 'cut-off', seq: 3, to: 3 },
    ]);
  });

  it('what webhooks delivered fits a head that the platform keeps, and a log written anew does not', async () => {
    const { of, entries } = await written(await agentChain(config, 'webhooks'));
    const platform = await exportPlatform();
    const evidence = { of, heads: platform.heads, keys: platform.keys };
    expect(checkAuditChain({ ...evidence, entries })).toMatchObject({ ok: true, entries: 2, heads: 1 });
    const stateDir = site.at('anew');
    const anew = await openWebhookLog(stateDir, now);
    for (const kind of ['sending', 'failed'] as const) await anew.record({ ...letter, kind });
    await anew.close();
    const rewritten: ChainEntry[] = [];
    for await (const line of readChainLines(webhookChain, stateDir)) rewritten.push(JSON.parse(line));
    expect(checkAuditChain({ ...evidence, heads: [], entries: rewritten }).ok).toBe(true);
    expect(checkAuditChain({ ...evidence, entries: rewritten }).problems).toMatchObject([
      { code: 'head-differs', seq: 2 },
    ]);
  });

  it('a platform of the version before, which knows no such chain, keeps the others', async () => {
    await agent.start();
    const identity = (await readIdentity(agent.stateDir))!;
    const { client, platformKeys } = agent.link;
    const handed: string[][] = [];
    const call = (async (
      route: never,
      request: { body: { heads: { body: AuditHead }[] } },
      signal: never,
    ) => {
      const logs = request.body.heads.map(({ body }) => body.log);
      handed.push(logs);
      const problem = { zh: '', en: '' };
      if (logs.includes('webhooks'))
        throw modelErrors.SHAPE_WRONG({ what: 'body', where: '/heads/0/body/log', problem });
      return client.call(route, request as never, signal);
    }) as typeof client.call;
    const asking = {
      link: { client: { ...client, call } as never, platformKeys },
      identity,
      stateDir: agent.stateDir,
      log: createLog('silent', 'mz-1'),
      now,
    };
    await exchangeHeads(asking, soon());
    expect(handed).toEqual([['webhooks'], ['queries']]);
    await agent.stop();
  });

  it('a chain that cannot be read keeps no other from being held to its head', async () => {
    const stateDir = site.at('unreadable');
    await cp(agent.stateDir, stateDir, { recursive: true });
    const month = chainFiles(webhookChain, stateDir).at(-1)!;
    await appendFile(join(stateDir, month), '(\n');
    const told: object[] = [];
    const handed: string[] = [];
    const call = async (_: never, { body }: { body: { heads: { body: AuditHead }[] } }) => {
      handed.push(...body.heads.map(({ body }) => body.log));
      throw new Error('seen enough');
    };
    const log = { ...createLog('silent', 'mz-1'), error: (facts: object) => void told.push(facts) };
    const link = { client: { call } as never, platformKeys: () => keys };
    const identity = (await readIdentity(stateDir))!;
    const parts = { link, identity, stateDir, log: log as never, now };
    await expect(exchangeHeads(parts, soon())).rejects.toThrow('seen enough');
    expect(handed).toEqual(['queries']);
    expect(told).toMatchObject([{ log: 'webhooks', code: 'QZ_AGENT_WEBHOOK_LOG_BROKEN' }]);
  });

  it('a head that goes back is kept, too, and raised: the platform was restored or its audit rewritten', async () => {
    const { stateDir } = agent;
    const [first] = await readKeptHeads(stateDir);
    await writeKeptHeads(stateDir, [{ ...first!, body: { ...first!.body, seq: 1_000_000 } }]);
    await agent.start();
    const identity = (await readIdentity(stateDir))!;
    const parts = { link: agent.link, identity, stateDir, log: createLog('silent', 'mz-1'), now };
    await expect(exchangeHeads(parts, soon())).rejects.toMatchObject({ code: 'QZ_AGENT_AUDIT_HEAD_BACK' });
    await (await site.person(null, 'auditor')).call(personRoutes.exportAudit, {
      query: { after: 0, limit: 1 },
    });
    await expect(exchangeHeads(parts, soon())).resolves.toBeUndefined();
    const kept = await readKeptHeads(stateDir);
    const warned: unknown[] = [];
    const log = createLog('silent', 'mz-1');
    const telling = { ...log, debug: () => undefined, warn: (facts: unknown) => void warned.push(facts) };
    const end = startHeadExchange({
      ...parts,
      link: { client: agent.link.client, platformKeys: () => [] },
      log: telling as typeof log,
    });
    await until('an answer of an unknown key is told', async () => warned.length > 0);
    await end();
    expect(warned).toMatchObject([{ code: 'QZ_MODEL_KEY_UNKNOWN' }]);
    expect(kept.map(({ body }) => body.seq)).toEqual([1_000_000, expect.any(Number), expect.any(Number)]);
  });
});
