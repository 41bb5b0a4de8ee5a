import type { Knex } from 'knex';
import { standingWaiver } from '../../catalog/waivers/store.js';
import type { DutyClocks, SupplyRests } from '../../ports.js';
import type { PlatformContext } from '../../server/context.js';
import { type AgreementRow, findAgreement, findGrants, listAgreements } from '../store.js';
import type { Clocks } from './clocks.js';
import type { Actor } from './steps.js';
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

/**
 * The clock of supply rests while the grant is suspended, or the supply of the resource waived (R139), and goes on when neither holds: nobody
 * is late with what he may not or need not supply. As the agreement stands in the transaction; may be repeated.
 */
export async function settleRest(
  trx: Knex.Transaction,
  duties: Pick<DutyClocks, 'openOf' | 'pause' | 'resume'>,
  agreement: string,
  actor: Actor,
): Promise<void> {
  const owed = await duties.openOf(agreement, 'agreement.supply', trx);
  const row = owed.length > 0 ? await findAgreement(trx, agreement) : undefined;
  const reason = row && (await reasonToRest(trx, row));
  for (const { id, state } of owed) {
    if (reason !== undefined && state === 'open') await duties.pause(trx, id, reason, actor);
    if (reason === undefined && state === 'paused') await duties.resume(trx, id, actor);
  }
}

async function reasonToRest(
  trx: Knex.Transaction,
  { state, resource }: AgreementRow,
): Promise<string | undefined> {
  if (state === 'suspended') return '授权暂停 / the grant is suspended';
  const waiver = await standingWaiver(trx, resource);
  return waiver && `免报:${waiver.platform} ${waiver.upper} / waived: reported as ${waiver.upper}`;
}

export function createSupplyRests(duties: DutyClocks): SupplyRests {
  return {
    async settle(trx, resource, actor) {
      for (const { id } of await listAgreements(trx, { resource })) await settleRest(trx, duties, id, actor);
    },
  };
}
