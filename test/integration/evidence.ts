import { join } from 'node:path';
import { type AuditRecord, type KeyRecord, personRoutes, type Receipt, type Signed } from '@qianzhi/model';
import { checkReceipts } from '@qianzhi/model/crypto';
import { verifyAudit } from '@qianzhi/platform';
import { expect } from 'vitest';
import { query } from '../fixtures/tables.js';
import type { Site } from './site.js';

export interface Evidence {
  readonly keys: readonly KeyRecord[];
  readonly receipts: readonly Signed<Receipt>[];
}

/** Every receipt the platform shows an auditor, in order, with the key directory. */
export async function collectReceipts(site: Site): Promise<Evidence> {
  const auditor = await site.person(null, 'auditor');
  const { keys } = await auditor.call(personRoutes.keyDirectory, {});
  const receipts: Signed<Receipt>[] = [];
  for (;;) {
    const page = { after: receipts.at(-1)?.body.id, limit: 100 };
    const found = (await auditor.call(personRoutes.listReceipts, { query: page })).receipts;
    if (found.length === 0) return { keys, receipts };
    receipts.push(...found);
  }
}

/** What must hold after everything: equations balanced, receipts verified offline, audit chain whole. */
export async function expectEvidence(site: Site): Promise<void> {
  for (const one of await site.reconciliation()) expect(one.problems, one.resource).toEqual([]);
  const { keys, receipts } = await collectReceipts(site);
  const { verified, problems } = checkReceipts(receipts, keys);
  expect(problems).toEqual([]);
  expect(verified).toBe(receipts.length);
  expect(verified).toBeGreaterThan(0);
  const rows = query<AuditRecord>(join(site.dataDir, 'platform.sqlite'), 'SELECT * FROM audit ORDER BY seq');
  expect(verifyAudit(rows)).toMatchObject({ ok: true, entries: rows.length });
}
