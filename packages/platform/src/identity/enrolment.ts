import { randomUUID } from 'node:crypto';
import type { EnrolmentToken, EnrolRequest, EnrolResponse, Payload, personRoutes } from '@qianzhi/model';
import { isQianzhiError } from '@qianzhi/model';
import { intlSuite } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { AccessProcedure } from '../department/access-procedure.js';
import type { Departments } from '../department/departments.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { findAgent, insertInvited, raiseFence, setAgentState } from './agent-store.js';
import { identityErrors } from './errors.js';
import { newKeyRecord, provesKey } from './new-key.js';
import { equalDigests, newSecret, secretDigest } from './secrets.js';

type Invitation = Payload<(typeof personRoutes.invite)['body']>;

interface EnrolmentRow {
  readonly id: string;
  readonly agent: string;
  readonly department: string;
  readonly secret_digest: string;
  readonly expires_at: string;
  readonly spent_at: string | null;
}

export interface Enrolment {
  /** A token for one use; earlier open tokens for the same agent are void. Throws QZ_PLATFORM_AGENT_NAME_TAKEN, _ACCESS_INCOMPLETE. */
  invite(
    caller: PersonCaller,
    invitation: Invitation,
  ): Promise<{ token: string; agent: string; expiresAt: string }>;
  /**
   * Of several callers with one token exactly one gets the identity. A wrong proof does not spend the token.
   * An agent enrolled before gets the new key in place of its old ones. Throws QZ_PLATFORM_TOKEN_UNKNOWN,
   * _TOKEN_SPENT, _TOKEN_EXPIRED, _PROOF_WRONG or _KEY_TAKEN.
   */
  redeem(request: EnrolRequest): Promise<EnrolResponse>;
}

export function createEnrolment(
  context: PlatformContext,
  departments: Departments,
  access: Pick<AccessProcedure, 'requireComplete'>,
  publicUrl: string | undefined,
): Enrolment {
  const { db, audit, now, keys } = context;

  return {
    async invite(caller, { agent, department, minutes }) {
      await departments.require(department);
      await access.requireComplete(department);
      const secret = newSecret();
      const id = randomUUID();
      const expiresAt = new Date(now().getTime() + minutes * 60_000).toISOString();
      await db.transaction(async (trx) => {
        const known = await findAgent(trx, agent);
        if (agent === 'platform' || (known && known.department !== department)) {
          throw identityErrors.AGENT_NAME_TAKEN({ agent });
        }
        await insertInvited(trx, agent, department);
        await trx('enrolments').where({ agent, spent_at: null }).update({ expires_at: now().toISOString() });
        await trx('enrolments').insert({
          id,
          agent,
          department,
          secret_digest: secretDigest(secret),
          issued_by: caller.account,
          expires_at: expiresAt,
        });
        const details = { department, minutes };
        await audit.record(
          { actor: caller, action: 'agent.invite', object: agent, outcome: 'done', details },
          trx,
        );
      });
      const content: EnrolmentToken = {
        id,
        secret,
        agent,
        department,
        platformKey: context.signingKey.keyId,
        ...(publicUrl === undefined ? {} : { url: publicUrl }),
        expiresAt,
      };
      const token = `qz1.${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
      return { token, agent, expiresAt };
    },

    async redeem(request) {
      const row: EnrolmentRow | undefined = await db('enrolments').where({ id: request.tokenId }).first();
      if (!row || !equalDigests(row.secret_digest, secretDigest(request.secret))) {
        throw identityErrors.TOKEN_UNKNOWN();
      }
      try {
        return await redeemKnown(row, request);
      } catch (error) {
        // A token that comes twice may be a stolen one.
        const details = { code: isQianzhiError(error) ? error.code : 'internal' };
        const denied = { action: 'agent.enrol', object: row.agent, outcome: 'denied', details } as const;
        await audit.record({ actor: { kind: 'public' }, ...denied });
        throw error;
      }
    },
  };

  async function redeemKnown(row: EnrolmentRow, request: EnrolRequest): Promise<EnrolResponse> {
    const { agent, department } = row;
    if (row.spent_at !== null) throw identityErrors.TOKEN_SPENT({ agent });
    const token = intlSuite.digest(Buffer.from(request.secret));
    if (!provesKey(request, { token, publicKey: request.publicKey, agent })) {
      throw identityErrors.PROOF_WRONG({ agent });
    }
    const record = newKeyRecord(request, agent, department, now());
    if (await keys.find(record.keyId)) throw identityErrors.KEY_TAKEN({ keyId: record.keyId });
    const old = await keys.ofAgent(agent);
    await db.transaction(async (trx) => {
      await spend(trx, row);
      for (const key of old) await keys.end(key.keyId, now().toISOString(), 're-enrolled', trx);
      await keys.append(record, trx);
      await setAgentState(trx, agent, 'enrolled');
      // Whatever still runs with the old key is no longer the live instance.
      await raiseFence(trx, agent, '');
      const details = { key: record.keyId, department };
      const actor = { kind: 'agent', agent, department, key: record } as const;
      await audit.record({ actor, action: 'agent.enrol', object: agent, outcome: 'done', details }, trx);
    });
    const { name } = await departments.require(department);
    return {
      agent,
      department,
      departmentName: name,
      audience: context.audience,
      keys: [...(await keys.ofAgent('platform')), record],
    };
  }

  async function spend(trx: Knex.Transaction, { id, agent, expires_at }: EnrolmentRow): Promise<void> {
    const at = now().toISOString();
    const spent = await trx('enrolments')
      .where({ id, spent_at: null })
      .andWhere('expires_at', '>', at)
      .update({ spent_at: at });
    if (spent === 1) return;
    const row: EnrolmentRow = await trx('enrolments').where({ id }).first();
    if (row.spent_at !== null) throw identityErrors.TOKEN_SPENT({ agent });
    throw identityErrors.TOKEN_EXPIRED({ agent, at: expires_at });
  }
}
