import type { AuditExportHeader, AuditHead } from '../audit/entry.js';
import { isQianzhiError } from '../errors/qianzhi-error.js';
import { type ChainEntry, chainDigests } from './audit-digest.js';
import { verifyDocument } from './documents.js';
import type { KeyRecord } from './keys.js';
import type { Signed } from './signed.js';

/**
 * - `changed`: the entry is not what its digest was taken of
 * - `missing`: entries from `seq` to `to` are not there
 * - `reordered`: the entry does not stand where its number says
 * - `repeated`: another entry has the same number
 * - `unlinked`: the entry follows another one than stands before it
 * - `unanchored`: the first entry is not the chain's first, and no head that holds says what came before it
 * - `head-differs`: a signed head names another entry under this number
 * - `cut-off`: a signed head says that the chain went on to `to`
 * - `head-invalid`: a head is not signed by the chain's owner
 */
export type AuditProblemCode =
  | 'changed'
  | 'missing'
  | 'reordered'
  | 'repeated'
  | 'unlinked'
  | 'unanchored'
  | 'head-differs'
  | 'cut-off'
  | 'head-invalid';

export interface AuditProblem {
  readonly code: AuditProblemCode;
  readonly seq: number;
  readonly to?: number;
}

export interface AuditCheck {
  readonly ok: boolean;
  readonly entries: number;
  /** First and last number seen; null where there is no entry. */
  readonly from: number | null;
  readonly to: number | null;
  readonly head: string | null;
  /** Signed heads that the entries fit; without one, a chain written anew from the first entry on is not noticed. */
  readonly heads: number;
  /** By number. */
  readonly problems: readonly AuditProblem[];
}

export interface AuditEvidence {
  readonly of: Pick<AuditExportHeader, 'owner' | 'log'>;
  /** As they stand in the files, oldest file first. The same entry twice is one: exports may overlap. */
  readonly entries: readonly ChainEntry[];
  /** From anybody who keeps them; those of other chains are left aside. */
  readonly heads: readonly Signed<AuditHead>[];
  readonly keys: readonly KeyRecord[];
}

/**
 * Checks a hash chain offline: content, order, links, and the signed heads that others keep of it. Needs no database and no network;
 * the keys are to be had from another place than the entries.
 */
export function checkAuditChain({ of, entries, heads, keys }: AuditEvidence): AuditCheck {
  const problems: AuditProblem[] = [];
  const bySeq = placeEntries(entries, problems);
  const numbers = [...bySeq.keys()].sort((a, b) => a - b);
  const [from = null] = numbers;
  const to = numbers.at(-1) ?? null;
  findGaps(numbers, problems);
  for (const entry of bySeq.values()) checkEntry(of.log, entry, bySeq, problems);
  const own = heads.filter(({ body }) => body.owner === of.owner && body.log === of.log);
  const held = own.filter((head) => {
    if (isSignedByOwner(head, keys)) return true;
    problems.push({ code: 'head-invalid', seq: head.body.seq });
    return false;
  });
  const fitting = from === null || to === null ? 0 : fitHeads(held, bySeq, from, to, problems);
  if (from === null) for (const { body } of held) problems.push({ code: 'cut-off', seq: 1, to: body.seq });
  problems.sort((a, b) => a.seq - b.seq);
  const head = to === null ? null : bySeq.get(to)!.digest;
  return { ok: problems.length === 0, entries: bySeq.size, from, to, head, heads: fitting, problems };
}

function placeEntries(entries: readonly ChainEntry[], problems: AuditProblem[]): Map<number, ChainEntry> {
  const bySeq = new Map<number, ChainEntry>();
  let highest = 0;
  for (const entry of entries) {
    const known = bySeq.get(entry.seq);
    if (known) {
      if (JSON.stringify(known) !== JSON.stringify(entry))
        problems.push({ code: 'repeated', seq: entry.seq });
      continue;
    }
    if (entry.seq < highest) problems.push({ code: 'reordered', seq: entry.seq });
    highest = Math.max(highest, entry.seq);
    bySeq.set(entry.seq, entry);
  }
  return bySeq;
}

function findGaps(numbers: readonly number[], problems: AuditProblem[]): void {
  numbers.forEach((seq, at) => {
    const before = numbers[at - 1];
    if (before !== undefined && seq > before + 1)
      problems.push({ code: 'missing', seq: before + 1, to: seq - 1 });
  });
}

function checkEntry(
  log: AuditExportHeader['log'],
  entry: ChainEntry,
  bySeq: ReadonlyMap<number, ChainEntry>,
  problems: AuditProblem[],
): void {
  const { seq } = entry;
  if (chainDigests[log](entry) !== entry.digest) problems.push({ code: 'changed', seq });
  const before = bySeq.get(seq - 1);
  const follows = seq === 1 ? null : before?.digest;
  if (follows !== undefined && entry.previous !== follows) problems.push({ code: 'unlinked', seq });
}

function isSignedByOwner(head: Signed<AuditHead>, keys: readonly KeyRecord[]): boolean {
  try {
    return verifyDocument(head, keys, head.body.issuedAt).owner === head.body.owner;
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    return false;
  }
}

/** Answers how many heads fit; the one before the first entry is what anchors a chain whose beginning was exported and removed. */
function fitHeads(
  heads: readonly Signed<AuditHead>[],
  bySeq: ReadonlyMap<number, ChainEntry>,
  from: number,
  to: number,
  problems: AuditProblem[],
): number {
  let fitting = 0;
  let anchored = from === 1;
  let farthest = to;
  for (const { body } of heads) {
    const { seq, digest } = body;
    const known = seq === from - 1 ? bySeq.get(from)!.previous : bySeq.get(seq)?.digest;
    if (seq > farthest) farthest = seq;
    if (known === undefined) continue;
    if (known !== digest) problems.push({ code: 'head-differs', seq });
    else {
      fitting += 1;
      if (seq === from - 1) anchored = true;
    }
  }
  if (!anchored) problems.push({ code: 'unanchored', seq: from });
  if (farthest > to) problems.push({ code: 'cut-off', seq: to + 1, to: farthest });
  return fitting;
}
