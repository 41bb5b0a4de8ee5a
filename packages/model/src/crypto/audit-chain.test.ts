import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditHead, AuditLogName, AuditRecord } from '../audit/entry.js';
import { checkAuditChain } from './audit-chain.js';
import { agentEntryDigest, auditDigest, type ChainEntry } from './audit-digest.js';
import { type SigningKey, signDocument } from './documents.js';
import { intlSuite } from './intl.js';
import { keyIdOf } from './key-id.js';
import type { KeyRecord } from './keys.js';

const validFrom = '2026-01-01T00:00:00.000Z';

function party(owner: string): { key: SigningKey; record: KeyRecord } {
  const { publicKey, privateKey } = intlSuite.generateKeyPair();
  const keyId = keyIdOf(publicKey);
  return {
    key: { keyId, suite: intlSuite, privateKey },
    record: { keyId, owner, suite: 'intl', publicKey, validFrom },
  };
}

const platform = party('platform');
const agent = party('mz-1');
const keys = [platform.record, agent.record];

function chainOf(count: number, by = 'officer'): AuditRecord[] {
  const entries: AuditRecord[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    const previous = entries.at(-1)?.digest ?? null;
    const body = { seq, at: validFrom, actor: `person:${by}`, action: 'department.put', object: `d${seq}` };
    const entry = { ...body, outcome: 'done' as const, details: '{"police":false}', previous };
    entries.push({ ...entry, digest: auditDigest(entry) });
  }
  return entries;
}

function headAt(entries: readonly ChainEntry[], seq: number, log: AuditLogName = 'audit', by = platform) {
  const { digest } = entries.find((entry) => entry.seq === seq)!;
  const body: AuditHead = {
    type: 'audit-head',
    version: 1,
    owner: by.record.owner,
    log,
    seq,
    digest,
    issuedAt: validFrom,
  };
  return signDocument(body, by.key);
}

const chain = chainOf(12);
const heads = [headAt(chain, 4), headAt(chain, 12)];
const check = (entries: readonly ChainEntry[], kept = heads) =>
  checkAuditChain({ of: { owner: 'platform', log: 'audit' }, entries, heads: kept, keys });
const problems = (entries: readonly ChainEntry[], kept = heads) => check(entries, kept).problems;

describe('R113 the audit chain, offline', () => {
  it('holds as it was written, and says which heads it fits', () => {
    expect(check(chain)).toEqual({
      ok: true,
      entries: 12,
      from: 1,
      to: 12,
      head: chain[11]!.digest,
      heads: 2,
      problems: [],
    });
  });

  it('names the entry that was changed, whatever was changed in it', () => {
    const fields = ['at', 'actor', 'action', 'object', 'outcome', 'details', 'previous', 'digest'] as const;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), fc.constantFrom(...fields), (at, field) => {
        const changed = chain.map((entry, index) =>
          index === at ? { ...entry, [field]: `${entry[field]}x` } : entry,
        );
        expect(problems(changed)).toContainEqual({ code: 'changed', seq: at + 1 });
      }),
    );
  });

  it('finds an entry changed with its digest made anew: the next one does not follow it', () => {
    const forged = { ...chain[4]!, actor: 'person:nobody' };
    const changed = chain.map((entry) =>
      entry.seq === 5 ? { ...forged, digest: auditDigest(forged) } : entry,
    );
    expect(problems(changed)).toEqual([{ code: 'unlinked', seq: 6 }]);
  });

  it('finds removed, reordered, doubled and inserted entries', () => {
    expect(problems(chain.filter(({ seq }) => seq !== 5 && seq !== 6))).toEqual([
      { code: 'missing', seq: 5, to: 6 },
    ]);
    const swapped = [...chain.slice(0, 6), chain[7]!, chain[6]!, ...chain.slice(8)];
    expect(problems(swapped)).toEqual([{ code: 'reordered', seq: 7 }]);
    const other = { ...chain[2]!, object: 'other' };
    expect(problems([...chain.slice(0, 3), other, ...chain.slice(3)])).toEqual([
      { code: 'repeated', seq: 3 },
    ]);
    expect(check([...chain.slice(0, 6), ...chain.slice(3)]).ok).toBe(true);
  });

  it('finds a chain cut off at its end, or gone, by a head that another keeps', () => {
    expect(problems(chain.slice(0, 10))).toEqual([{ code: 'cut-off', seq: 11, to: 12 }]);
    expect(problems([])).toEqual([
      { code: 'cut-off', seq: 1, to: 4 },
      { code: 'cut-off', seq: 1, to: 12 },
    ]);
  });

  it('finds a whole chain written anew by a head that another keeps, and by nothing else', () => {
    const anew = chainOf(12, 'somebody');
    expect(problems(anew)).toEqual([
      { code: 'head-differs', seq: 4 },
      { code: 'head-differs', seq: 12 },
    ]);
    expect(check(anew, [])).toMatchObject({ ok: true, heads: 0 });
  });

  it('believes no head that the owner did not sign', () => {
    const forged = { ...heads[1]!, body: { ...heads[1]!.body, digest: chain[3]!.digest } };
    const byAgent = signDocument({ ...heads[0]!.body }, agent.key);
    expect(check(chain, [forged, byAgent])).toMatchObject({ ok: false, heads: 0 });
    expect(problems(chain, [forged, byAgent])).toEqual([
      { code: 'head-invalid', seq: 4 },
      { code: 'head-invalid', seq: 12 },
    ]);
  });

  it('proves what is left after the beginning was exported and removed, by the head before it', () => {
    const rest = chain.slice(4);
    expect(check(rest)).toMatchObject({ ok: true, from: 5, to: 12, heads: 2 });
    expect(problems(rest, [heads[1]!])).toEqual([{ code: 'unanchored', seq: 5 }]);
    expect(problems(chain.slice(5))).toEqual([{ code: 'unanchored', seq: 6 }]);
    expect(check([...chain.slice(0, 4), ...rest]).ok).toBe(true);
  });

  it("checks an agent's chain by the agent's heads alone", () => {
    const first = { seq: 1, at: validFrom, kind: 'answered', resource: 'village', rows: 2, previous: null };
    const one = { ...first, digest: agentEntryDigest(first) };
    const second = { seq: 2, at: validFrom, kind: 'refused', resource: 'village', previous: one.digest };
    const entries = [one, { ...second, digest: agentEntryDigest(second) }];
    const kept = [headAt(entries, 2, 'queries', agent), ...heads];
    const of = { owner: 'mz-1', log: 'queries' as const };
    expect(checkAuditChain({ of, entries, heads: kept, keys })).toMatchObject({ ok: true, heads: 1 });
    const more = [{ ...entries[0]!, rows: 3 }, entries[1]!];
    expect(checkAuditChain({ of, entries: more, heads: kept, keys }).problems).toEqual([
      { code: 'changed', seq: 1 },
    ]);
  });
});
