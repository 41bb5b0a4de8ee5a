import type { AuditRecord } from '@qianzhi/model';
import { auditDigest } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { insertion, prepared } from '../database/prepared.js';
import type { AuditEntry, AuditLog } from '../ports.js';
import { callerName } from '../server/caller.js';

type Head = Pick<AuditRecord, 'seq'> & { readonly digest: string | null };

/** Locks the head, and answers the number of the entry to come and the digest of the one before. */
const nextSeq = prepared<never, readonly Head[]>((db) =>
  db('audit_head').where({ id: 1 }).increment('seq', 1).returning(['seq', 'digest']),
);
const insertRow = insertion<AuditRecord>('audit');
const setDigest = prepared<'digest', number>((db, { digest }) =>
  db('audit_head').where({ id: 1 }).update({ digest }),
);

export function createAuditLog(db: Knex, now: () => Date): AuditLog {
  async function add(entry: AuditEntry, trx: Knex.Transaction): Promise<void> {
    const head = (await nextSeq(trx, {}))[0]!;
    const row = {
      seq: head.seq,
      at: now().toISOString(),
      actor: entry.actor === 'platform' ? 'platform' : callerName(entry.actor),
      action: entry.action,
      object: entry.object,
      outcome: entry.outcome,
      details: JSON.stringify(entry.details ?? {}),
      previous: head.digest,
    };
    const digest = auditDigest(row);
    await insertRow(trx, { ...row, digest });
    await setDigest(trx, { digest });
  }
  return {
    record: (entry, trx) => (trx ? add(entry, trx) : db.transaction((own) => add(entry, own))),
  };
}
