import type { PlatformContext } from '../server/context.js';
import type { Grants } from './grants.js';
import type { Matters } from './matters/matters.js';
import {
  type AgreementRow,
  endGrant,
  findAgreement,
  findGrants,
  listAgreements,
  moveAgreement,
} from './store.js';

type Parts = Pick<PlatformContext, 'db' | 'audit' | 'now'>;

/** Ends grants whose time is over, and what is still owed under them. May be repeated. */
export async function expireGrants(
  { db, audit, now }: Parts,
  matters: Matters,
  grants: Pick<Grants, 'announce'>,
): Promise<void> {
  const at = now().toISOString();
  const over = (await findGrants(db, { ended_at: null })).filter((grant) => grant.valid_to <= at);
  for (const { agreement, grant_version: grantVersion, resource, consumer } of over) {
    await db.transaction(async (trx) => {
      const row = (await findAgreement(trx, agreement)) as AgreementRow;
      const state = row.state === 'granted' ? 'expired' : row.state;
      await moveAgreement(trx, row, { state, live_grant: null });
      const grant = { agreement, grant_version: grantVersion };
      await endGrant(trx, grant, { at, change: 'expired', reason: 'validTo' });
      await matters.endSupply(trx, 'platform', agreement, 'validTo');
      const details = { grantVersion };
      await audit.record(
        { actor: 'platform', action: 'agreement.expire', object: agreement, outcome: 'done', details },
        trx,
      );
    });
    grants.announce([{ agreement, grantVersion, resource, consumer, change: 'expired' }]);
  }
}

/** What is suspended beyond the time of its grant cannot be resumed: it is over, so that it may be applied for again. */
export async function expireSuspended({ db, audit, now }: Parts, matters: Matters): Promise<void> {
  const at = now().toISOString();
  for (const row of await listAgreements(db, { state: 'suspended' })) {
    const last = (await findGrants(db, { agreement: row.id })).at(-1);
    if (!last || last.valid_to > at) continue;
    await db.transaction(async (trx) => {
      if (!(await moveAgreement(trx, row, { state: 'expired' }))) return;
      await matters.endSupply(trx, 'platform', row.id, 'validTo');
      const details = { grantVersion: last.grant_version };
      await audit.record(
        { actor: 'platform', action: 'agreement.expire', object: row.id, outcome: 'done', details },
        trx,
      );
    });
  }
}
