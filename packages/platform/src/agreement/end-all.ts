import type { Knex } from 'knex';
import type { EndAgreements, GrantChange } from '../ports.js';
import { type Caller, callerName } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Grants } from './grants.js';
import type { Matters } from './matters/matters.js';
import {
  type AgreementRow,
  decideApplication,
  endGrant,
  findGrants,
  latestApplication,
  listAgreements,
  moveAgreement,
} from './store.js';

/** Ends agreements that no person decides on: their resource is withdrawn, or its provider is who holds them. */
export interface Endings extends EndAgreements {
  /** One that is not over, with what is undecided about it or might be negotiated yet. */
  endOne(
    trx: Knex.Transaction,
    row: AgreementRow,
    reason: string,
    actor: Caller,
  ): Promise<readonly GrantChange[]>;
}

export function createEndAgreements(
  { audit, now }: Pick<PlatformContext, 'audit' | 'now'>,
  grants: Pick<Grants, 'announce'>,
  matters: Pick<Matters, 'endOpen' | 'endSupply'>,
): Endings {
  async function end(
    trx: Knex.Transaction,
    row: AgreementRow,
    state: 'applied' | 'revoked' | 'withdrawn',
    reason: string,
    actor: Caller,
  ): Promise<readonly GrantChange[]> {
    const at = now().toISOString();
    const last = (await findGrants(trx, { agreement: row.id })).at(-1);
    if (!(await moveAgreement(trx, row, { state, live_grant: null }))) return [];
    if (last) await endGrant(trx, last, { at, change: 'revoked', reason });
    if (state === 'applied') await matters.endSupply(trx, actor, row.id, reason);
    else {
      await matters.endOpen(trx, actor, row.id, reason);
      const { seq } = await latestApplication(trx, row.id);
      const by = actor.kind === 'person' ? actor.account : callerName(actor);
      await decideApplication(trx, seq, { by, at, reason });
    }
    const grantVersion = last?.grant_version ?? null;
    const details = { reason, grantVersion };
    await audit.record({ actor, action: 'agreement.revoke', object: row.id, outcome: 'done', details }, trx);
    const { id: agreement, resource, consumer } = row;
    return grantVersion === null ? [] : [{ agreement, grantVersion, resource, consumer, change: 'revoked' }];
  }

  return {
    announce: grants.announce,
    async endAll(trx, resource, reason, actor) {
      const changes: GrantChange[] = [];
      for (const row of await listAgreements(trx, { resource })) {
        // what is suspended would else be resumed
        if (row.live_grant === null && row.state !== 'suspended') continue;
        // an extension that waits for its decision stays for the provider to refuse
        const state = row.state === 'applied' ? row.state : 'revoked';
        changes.push(...(await end(trx, row, state, reason, actor)));
      }
      return changes;
    },
    async endOne(trx, row, reason, actor) {
      const held = row.live_grant !== null || row.state === 'suspended';
      return end(trx, row, held ? 'revoked' : 'withdrawn', reason, actor);
    },
  };
}
