import type { AuditHead, AuditRecord, KeyRecord, Signed } from '@qianzhi/model';
import { type AuditCheck, checkAuditChain } from '@qianzhi/model/crypto';

/** `checkAuditChain` over the platform's own entries. */
export function verifyAudit(
  entries: readonly AuditRecord[],
  heads: readonly Signed<AuditHead>[] = [],
  keys: readonly KeyRecord[] = [],
): AuditCheck {
  return checkAuditChain({ of: { owner: 'platform', log: 'audit' }, entries, heads, keys });
}
