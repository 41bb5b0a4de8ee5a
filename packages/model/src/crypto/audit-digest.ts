import type { AuditLogName, AuditRecord } from '../audit/entry.js';
import { canonicalBytes } from './canonical.js';
import { intlSuite } from './intl.js';

/** What every chain's entries have; each log has fields of its own beside them. */
export interface ChainEntry {
  readonly seq: number;
  readonly previous: string | null;
  readonly digest: string;
}

/** Of the platform's entry: over canonical JSON of its fields, so that stored and exported entry have the same. */
export function auditDigest(entry: Omit<AuditRecord, 'digest'>): string {
  const { seq, at, actor, action, object, outcome, details, previous } = entry;
  return intlSuite.digest(canonicalBytes({ seq, at, actor, action, object, outcome, details, previous }));
}

/** Of an agent's entry: over its JSON as it was written, the fields in that order, without the digest. */
export function agentEntryDigest(entry: object): string {
  const { digest: _digest, ...body } = entry as { readonly digest?: string };
  return intlSuite.digest(new TextEncoder().encode(JSON.stringify(body)));
}

/** By log. The platform's covers the named fields alone: that an entry has no other is a check of its shape. */
export const chainDigests = {
  audit: (entry) => auditDigest(entry as ChainEntry & AuditRecord),
  queries: agentEntryDigest,
  webhooks: agentEntryDigest,
} as const satisfies Record<AuditLogName, (entry: ChainEntry) => string>;
