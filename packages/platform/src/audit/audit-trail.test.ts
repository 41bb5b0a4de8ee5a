import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuditExportHeader,
  type AuditHead,
  type AuditRecord,
  agentRoutes,
  personRoutes,
} from '@qianzhi/model';
import { type SigningKey, signDocument } from '@qianzhi/model/crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  enrolAgent,
  newKey,
  settle,
  signIn,
  startTestPlatform,
  type TestAgent,
  type TestPlatform,
  type Town,
} from '../server/test-platform.js';
import { verifyAudit } from './chain.js';

const DAY = 86_400_000;

let platform: TestPlatform;
let town: Town;
let agent: TestAgent;
beforeAll(async () => {
  platform = await startTestPlatform();
  town = await settle(platform);
  await town.person(null, 'auditor');
  agent = await enrolAgent(platform, town.officer, 'mz-1', 'mz');
});
afterAll(() => platform.remove());

const auditor = () => signIn(platform, 'all-auditor');

async function exported(): Promise<AuditRecord[]> {
  const client = await auditor();
  const all: AuditRecord[] = [];
  for (;;) {
    const query = { after: all.at(-1)?.seq ?? 0, limit: 7 };
    const { entries } = await client.call(personRoutes.exportAudit, { query });
    all.push(...entries);
    if (entries.length < 7) return all;
  }
}

async function platformKeys() {
  return (await platform.anonymous().call(personRoutes.keyDirectory, {})).keys;
}

function headOf(seq: number, digest: string, owner = 'mz-1', key: SigningKey = agent.key) {
  const issuedAt = platform.now().toISOString();
  const body = { type: 'audit-head', version: 1, owner, log: 'queries', seq, digest, issuedAt } as const;
  return signDocument<AuditHead>(body, key);
}

const handIn = (...heads: ReturnType<typeof headOf>[]) =>
  agent.client.call(agentRoutes.exchangeAuditHeads, { body: { heads } });

describe('R113 who did what', () => {
  it('is listed newest first, by actor, action, object, outcome and time, and paged', async () => {
    const client = await auditor();
    const list = async (query: Record<string, unknown>) =>
      (await client.call(personRoutes.listAudit, { query: { limit: 50, ...query } })).entries;
    const all = await list({});
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => all[0]!.seq - at));
    const puts = await list({ action: 'department.put', actor: 'person:officer' });
    expect(puts.map(({ object }) => object)).toEqual(['zs', 'ga', 'sw', 'mz']);
    expect(await list({ action: 'department.put', limit: 2, before: puts[0]!.seq })).toEqual(
      puts.slice(1, 3),
    );
    expect(await list({ object: 'mz-1', action: 'agent.enrol' })).toHaveLength(1);
    expect(await list({ outcome: 'failed' })).toEqual([]);
    expect(await list({ to: '2020-01-01T08:00:00+08:00' })).toEqual([]);
    expect((await list({ from: '2020-01-01T08:00:00+08:00' })).length).toBe(all.length);
  });

  it('is exported in its order, holds offline, and the export is recorded itself', async () => {
    const entries = await exported();
    const client = await auditor();
    const { current } = await client.call(personRoutes.auditHeads, {});
    const later = await exported();
    expect(verifyAudit(later, [current], await platformKeys())).toMatchObject({
      ok: true,
      from: 1,
      heads: 1,
    });
    expect(entries.filter(({ action }) => action === 'audit.export')).toHaveLength(1);
    expect(later.filter(({ action }) => action === 'audit.export')).toHaveLength(2);
  });
});

describe('heads of the chains', () => {
  it('are exchanged: each side keeps what the other signed', async () => {
    const { head } = await handIn(headOf(1, 'sha-256:one'), headOf(3, 'sha-256:three'));
    await handIn(headOf(3, 'sha-256:three'));
    const { agents } = await (await auditor()).call(personRoutes.auditHeads, {});
    expect(agents.map(({ body }) => [body.owner, body.seq])).toEqual([
      ['mz-1', 1],
      ['mz-1', 3],
    ]);
    expect(head.body).toMatchObject({ owner: 'platform', log: 'audit' });
    const entries = await exported();
    expect(verifyAudit(entries, [head], await platformKeys())).toMatchObject({ ok: true, heads: 1 });
    const cut = entries.slice(0, head.body.seq - 1);
    expect(verifyAudit(cut, [head], await platformKeys()).problems).toMatchObject([{ code: 'cut-off' }]);
  });

  it('that go back or name another entry are kept and recorded as failed', async () => {
    await handIn(headOf(3, 'sha-256:other'));
    await handIn(headOf(2, 'sha-256:two'));
    const { entries } = await (await auditor()).call(personRoutes.listAudit, {
      query: { action: 'audit.head', limit: 10 },
    });
    expect(entries.map(({ outcome, details }) => [outcome, JSON.parse(details)])).toEqual([
      ['failed', { log: 'queries', seq: 2, known: 3 }],
      ['failed', { log: 'queries', seq: 3, known: 3 }],
    ]);
  });

  it('are refused where they are of another, or signed by another', async () => {
    await expect(handIn(headOf(9, 'sha-256:x', 'sw-1'))).rejects.toMatchObject({
      code: 'QZ_PLATFORM_AUDIT_HEAD_FOREIGN',
    });
    await expect(handIn(headOf(9, 'sha-256:x', 'mz-1', newKey().key))).rejects.toMatchObject({
      code: 'QZ_MODEL_KEY_UNKNOWN',
    });
  });
});

describe('R113 retention', () => {
  it('is never under 180 days', async () => {
    await expect(startTestPlatform({ auditKeepDays: 179 })).rejects.toMatchObject({
      code: 'QZ_MODEL_SHAPE_WRONG',
    });
  });

  it('exports before it deletes, and the chain is provable afterwards: the rest alone, and joined', async () => {
    const before = await exported();
    const files = () => readdirSync(platform.dataDir).includes('audit') && readdirSync(folder);
    const folder = join(platform.dataDir, 'audit');
    platform.advance(360 * DAY);
    await platform.anonymous().call(personRoutes.platformInfo, {});
    expect((await exported())[0]!.seq).toBe(1);
    expect(files()).toBe(false);
    platform.advance(40 * DAY);
    await vi.waitFor(async () => expect((await exported())[0]!.seq).toBeGreaterThan(1), {
      timeout: 20_000,
      interval: 200,
    });
    const rest = await exported();
    expect(files()).toEqual([`audit-1-${rest[0]!.seq - 1}.jsonl`]);
    const [header, ...lines] = readFileSync(join(folder, `audit-1-${rest[0]!.seq - 1}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header satisfies AuditExportHeader).toMatchObject({ owner: 'platform', log: 'audit' });
    expect(lines.slice(0, before.length)).toEqual(before);

    const keys = await platformKeys();
    const { archived, current } = await (await auditor()).call(personRoutes.auditHeads, {});
    expect(archived.map(({ body }) => body.seq)).toEqual([rest[0]!.seq - 1]);
    expect(verifyAudit(rest, archived, keys)).toMatchObject({ ok: true, heads: 1 });
    expect(verifyAudit(rest, [], keys).problems).toMatchObject([{ code: 'unanchored' }]);
    const joined = [...lines, ...(await exported())];
    expect(verifyAudit(joined, [...archived, current], keys)).toMatchObject({ ok: true, from: 1, heads: 2 });
    const archive = rest.find(({ action }) => action === 'audit.archive');
    expect(JSON.parse(archive!.details)).toMatchObject({ from: 1, to: rest[0]!.seq - 1 });
  });
});
