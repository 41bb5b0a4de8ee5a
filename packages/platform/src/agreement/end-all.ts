import type { EndAgreements, GrantChange } from '../ports.js';
import { callerName } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Grants } from './grants.js';
import {
  decideApplication,
  endGrant,
  findGrants,
  latestApplication,
  listAgreements,
  moveAgreement,
} from './store.js';

/** Ends the agreements of a resource that is withdrawn. */
export function createEndAgreements(
  { audit, now }: Pick<PlatformContext, 'audit' | 'now'>,
  grants: Pick<Grants, 'announce'>,
): EndAgreements {
  return {
    announce: grants.announce,
    async endAll(trx, resource, reason, actor) {
      const at = now().toISOString();
      const changes: GrantChange[] = [];
      for (const row of await listAgreements(trx, { resource })) {
        if (row.live_grant === null) continue;
        const [live] = await findGrants(trx, { agreement: row.id, grant_version: row.live_grant });
        // an extension that waits for its decision stays for the provider to refuse
        const state = row.state === 'granted' ? 'revoked' : row.state;
        if (!live || !(await moveAgreement(trx, row, { state, live_grant: null }))) continue;
        await endGrant(trx, live, { at, change: 'revoked', reason });
        if (state === 'revoked') {
          const { seq } = await latestApplication(trx, row.id);
          const by = actor.kind === 'person' ? actor.account : callerName(actor);
          await decideApplication(trx, seq, { by, at, reason });
        }
        const details = { reason, grantVersion: row.live_grant };
        await audit.record(
          { actor, action: 'agreement.revoke', object: row.id, outcome: 'done', details },
          trx,
        );
        const { id: agreement, consumer } = row;
        changes.push({ agreement, grantVersion: row.live_grant, resource, consumer, change: 'revoked' });
      }
      return changes;
    },
  };
}
