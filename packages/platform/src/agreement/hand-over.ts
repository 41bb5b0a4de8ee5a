import type { AgreementState } from '@qianzhi/model';
import type { GrantChange, HandOverAgreements } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import type { Endings } from './end-all.js';
import { type Granting, grantContent } from './granting.js';
import type { Grants } from './grants.js';
import type { Matters } from './matters/matters.js';
import { type AgreementRow, findGrants, listAgreements, moveAgreement, setProvider } from './store.js';

const over: readonly AgreementState[] = ['revoked', 'expired', 'withdrawn'];

/** What becomes of agreements whose resource another department provides from now on. */
export function createHandOver(
  { audit, now }: Pick<PlatformContext, 'audit' | 'now'>,
  grants: Pick<Grants, 'announce'>,
  granting: Pick<Granting, 'grantNext'>,
  matters: Pick<Matters, 'handOver'>,
  endings: Pick<Endings, 'endOne'>,
): HandOverAgreements {
  return {
    announce: grants.announce,
    async handOver(trx, resource, provider, reason, actor) {
      async function regrant(row: AgreementRow): Promise<readonly GrantChange[]> {
        if (row.live_grant === null) return [];
        const [live] = await findGrants(trx, { agreement: row.id, grant_version: row.live_grant });
        if (!live || live.valid_to <= now().toISOString()) return [];
        const made = await granting.grantNext(trx, row, grantContent(live), live.document.body.approvedBy);
        const live_grant = made.at(-1)?.grantVersion ?? null;
        // an extension that waits for its decision goes on waiting
        await moveAgreement(trx, { id: row.id, state: 'granted', live_grant }, { state: row.state });
        return made;
      }

      const changes: GrantChange[] = [];
      for (const row of await listAgreements(trx, { resource })) {
        // what is over stays with the department that it was with
        if (over.includes(row.state)) continue;
        if (row.consumer === provider) {
          changes.push(...(await endings.endOne(trx, row, reason, actor)));
          continue;
        }
        await setProvider(trx, row.id, provider);
        await matters.handOver(trx, actor, row.id, provider, reason);
        const made = await regrant({ ...row, provider });
        changes.push(...made);
        const details = { from: row.provider, to: provider, grantVersion: made.at(-1)?.grantVersion ?? null };
        await audit.record(
          { actor, action: 'agreement.hand-over', object: row.id, outcome: 'done', details },
          trx,
        );
      }
      return changes;
    },
  };
}
