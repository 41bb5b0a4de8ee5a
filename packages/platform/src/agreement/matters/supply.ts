import type { PlatformContext } from '../../server/context.js';
import { findAgreement, findGrants } from '../store.js';
import type { Clocks } from './clocks.js';
import { changeMatter, unsuppliedMatters } from './store.js';

/**
 * Closes the duty to supply (R063, R074) once something has moved under the newest grant of the agreement, for what an earlier one
 * gave says nothing of an extension; may be repeated at any time.
 */
export async function settleSupply(
  { db }: Pick<PlatformContext, 'db'>,
  { clocks }: { readonly clocks: Pick<Clocks, 'close'> },
  hasMoved: (agreement: string, grantVersion: number) => Promise<boolean>,
): Promise<void> {
  for (const matter of await unsuppliedMatters(db)) {
    const { agreement, supplyDuty } = matter;
    const version =
      (await findAgreement(db, agreement))?.live_grant ??
      (await findGrants(db, { agreement })).at(-1)?.grant_version;
    if (!supplyDuty || version === undefined || !(await hasMoved(agreement, version))) continue;
    await db.transaction(async (trx) => {
      if (await changeMatter(trx, matter, { supplyDuty: null }))
        await clocks.close(trx, supplyDuty, 'done', 'first delivery', 'platform');
    });
  }
}
