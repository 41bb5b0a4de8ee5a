import type { AuditHead, Signed } from '@qianzhi/model';
import { signDocument, verifyDocument } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { AgentCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { auditErrors } from './errors.js';

export interface AuditHeads {
  /** How far the platform's chain goes now, signed. */
  current(): Promise<Signed<AuditHead>>;
  /**
   * Keeps what an agent signed of its own chain; a repeat changes nothing. One that goes back, or names another entry under a number
   * known before, is kept too and recorded as failed. Throws QZ_PLATFORM_AUDIT_HEAD_FOREIGN, QZ_MODEL_SIGNATURE_WRONG.
   */
  take(caller: AgentCaller, heads: readonly Signed<AuditHead>[]): Promise<void>;
  /** Kept of the agents, in the order they came. */
  ofAgents(): Promise<Signed<AuditHead>[]>;
}

type Chain = Pick<PlatformContext, 'db' | 'now' | 'signingKey' | 'keys' | 'audit'>;

export function signedHead(
  { now, signingKey }: Pick<PlatformContext, 'now' | 'signingKey'>,
  { seq, digest }: { readonly seq: number; readonly digest: string },
): Signed<AuditHead> {
  const issuedAt = now().toISOString();
  const body = {
    type: 'audit-head',
    version: 1,
    owner: 'platform',
    log: 'audit',
    seq,
    digest,
    issuedAt,
  } as const;
  return signDocument<AuditHead>(body, signingKey);
}

export function createAuditHeads(context: Chain): AuditHeads {
  const { db, now, keys, audit } = context;

  async function keep(trx: Knex.Transaction, caller: AgentCaller, head: Signed<AuditHead>): Promise<void> {
    const { owner, log, seq, digest } = head.body;
    if (await trx('audit_heads').where({ owner, log, seq, digest }).first('seq')) return;
    const last: { seq: number } | undefined = await trx('audit_heads')
      .where({ owner, log })
      .orderBy('position', 'desc')
      .first('seq');
    const row = { owner, log, seq, digest, document: JSON.stringify(head), received_at: now().toISOString() };
    await trx('audit_heads').insert(row);
    if (!last || seq > last.seq) return;
    const details = { log, seq, known: last.seq };
    await audit.record(
      { actor: caller, action: 'audit.head', object: owner, outcome: 'failed', details },
      trx,
    );
  }

  return {
    async current() {
      const row: { seq: number; digest: string } = await db('audit_head').where({ id: 1 }).first();
      return signedHead(context, row);
    },
    async take(caller, heads) {
      const { agent } = caller;
      const known = await keys.ofAgent(agent);
      for (const head of heads) {
        const { owner, log, issuedAt } = head.body;
        if (owner !== agent || log === 'audit') throw auditErrors.AUDIT_HEAD_FOREIGN({ agent, owner, log });
        verifyDocument(head, known, issuedAt);
      }
      if (heads.length === 0) return;
      await db.transaction(async (trx) => {
        for (const head of heads) await keep(trx, caller, head);
      });
    },
    ofAgents: async () =>
      (await db('audit_heads').orderBy('position').select('document')).map(({ document }) =>
        JSON.parse(document),
      ),
  };
}
