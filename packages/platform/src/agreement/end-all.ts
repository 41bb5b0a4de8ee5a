import type { EndAgreements, GrantChange } from '../ports.js';
import { callerName } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import type { Grants } from './grants.js';
import type { Matters } from './matters/matters.js';
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
  matters: Pick<Matters, 'endOpen' | 'endSupply'>,
): EndAgreements {
  return {
    announce: grants.announce,
    async endAll(trx, resource, reason, actor) {
      const at = now().toISOString();
      const changes: GrantChange[] = [];
      for (const row of await listAgreements(trx, { resource })) {
        // what is suspended would else be resumed
        if (row.live_grant === null && row.state !== 'suspended') continue;
        const last = (await findGrants(trx, { agreement: row.id })).at(-1);
        // an extension that waits for its decision stays for the provider to refuse
        const state = row.state === 'applied' ? row.state : 'revoked';
        if (!last || !(await moveAgreement(trx, row, { state, live_grant: null }))) continue;
        const { grant_version: grantVersion } = last;
        await endGrant(trx, last, { at, change: 'revoked', reason });
        if (state === 'applied') await matters.endSupply(trx, actor, row.id, reason);
        else {
          await matters.endOpen(trx, actor, row.id, reason);
          const { seq } = await latestApplication(trx, row.id);
          const by = actor.kind === 'person' ? actor.account : callerName(actor);
          await decideApplication(trx, seq, { by, at, reason });
        }
        const details = { reason, grantVersion };
        await audit.record(
          { actor, action: 'agreement.revoke', object: row.id, outcome: 'done', details },
          trx,
        );
        const { id: agreement, consumer } = row;
        changes.push({ agreement, grantVersion, resource, consumer, change: 'revoked' });
      }
      return changes;
    },
  };
}
