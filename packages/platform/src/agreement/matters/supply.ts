import type { PlatformContext } from '../../server/context.js';
import type { Matters } from './matters.js';
import { changeMatter, unsuppliedMatters } from './store.js';

/** Closes the duty to supply (R063, R074) once something has moved under the agreement; may be repeated at any time. */
export async function settleSupply(
  { db }: Pick<PlatformContext, 'db'>,
  { clocks }: Pick<Matters, 'clocks'>,
  hasMoved: (agreement: string) => Promise<boolean>,
): Promise<void> {
  for (const matter of await unsuppliedMatters(db)) {
    if (!matter.supplyDuty || !(await hasMoved(matter.agreement))) continue;
    const { supplyDuty } = matter;
    await db.transaction(async (trx) => {
      if (await changeMatter(trx, matter, { supplyDuty: null }))
        await clocks.close(trx, supplyDuty, 'done', 'first delivery', 'platform');
    });
  }
}
