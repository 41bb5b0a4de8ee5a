import type { Knex } from 'knex';
import type { AuditEntry, AuditLog } from '../ports.js';
import { callerName } from '../server/caller.js';
import { auditDigest } from './chain.js';

export function createAuditLog(db: Knex, now: () => Date): AuditLog {
  async function add(entry: AuditEntry, trx: Knex.Transaction): Promise<void> {
    await trx('audit_head').where({ id: 1 }).increment('seq', 1);
    const head: { seq: number; digest: string | null } = await trx('audit_head').where({ id: 1 }).first();
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
    await trx('audit').insert({ ...row, digest });
    await trx('audit_head').where({ id: 1 }).update({ digest });
  }
  return {
    record: (entry, trx) => (trx ? add(entry, trx) : db.transaction((own) => add(entry, own))),
  };
}
