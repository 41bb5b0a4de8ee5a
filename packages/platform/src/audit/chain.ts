import { canonicalBytes, intlSuite } from '@qianzhi/model/crypto';

/** One entry of the audit chain as stored. */
export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  /** `agent:<id>`, `person:<account>`, `public` or `platform`. */
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  /** JSON text. */
  readonly details: string;
  /** Digest of the entry before; null for the first. */
  readonly previous: string | null;
  readonly digest: string;
}

export type AuditVerdict =
  | { readonly ok: true; readonly entries: number; readonly head: string | null }
  | {
      readonly ok: false;
      readonly seq: number;
      /** `missing`: an entry is not there; `changed`: its content is not what was written; `unlinked`: the one before is another. */
      readonly problem: 'missing' | 'changed' | 'unlinked';
    };

export function auditDigest(row: Omit<AuditRow, 'digest'>): string {
  const { seq, at, actor, action, object, outcome, details, previous } = row;
  return intlSuite.digest(canonicalBytes({ seq, at, actor, action, object, outcome, details, previous }));
}

/**
 * Recomputes the chain over all rows in order of seq, from the first. Rows cut off at the end are found
 * by comparing `head` with a head kept elsewhere.
 */
export function verifyAudit(rows: readonly AuditRow[]): AuditVerdict {
  let previous: string | null = null;
  let seq = 0;
  for (const row of rows) {
    seq += 1;
    if (row.seq !== seq) return { ok: false, seq, problem: 'missing' };
    if (row.digest !== auditDigest(row)) return { ok: false, seq, problem: 'changed' };
    if (row.previous !== previous) return { ok: false, seq, problem: 'unlinked' };
    previous = row.digest;
  }
  return { ok: true, entries: seq, head: previous };
}
