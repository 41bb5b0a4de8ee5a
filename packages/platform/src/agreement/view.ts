import type { Agreement } from '@qianzhi/model';
import type { Knex } from 'knex';
import { grantContent } from './granting.js';
import { latestMatters } from './matters/store.js';
import { type AgreementRow, latestApplications, liveGrants } from './store.js';

/** Questions about so many agreements are asked at once. */
const AT_ONCE = 500;

/**
 * Agreements as persons see them, in the order given. While an extension waits, `items` and the rest tell what is asked for and
 * `grant` what is in force; a grant whose time is over shows as expired before housekeeping has marked it.
 */
export async function showAgreements(
  db: Knex,
  rows: readonly AgreementRow[],
  now: Date,
): Promise<Agreement[]> {
  const shown: Agreement[] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE)
    shown.push(...(await showSome(db, rows.slice(from, from + AT_ONCE), now)));
  return shown;
}

async function showSome(db: Knex, rows: readonly AgreementRow[], now: Date): Promise<Agreement[]> {
  const ids = rows.map(({ id }) => id);
  const applications = await latestApplications(db, ids);
  const grants = await liveGrants(db, ids);
  const matters = await latestMatters(db, ids);
  return rows.map((row) => {
    const application = applications.get(row.id);
    if (!application) throw new TypeError(`agreement ${row.id} has no application`);
    const live = row.live_grant === null ? undefined : grants.get(row.id);
    const grant = live?.document;
    const matter = matters.get(row.id);
    const over = grant !== undefined && grant.body.validTo <= now.toISOString();
    const {
      items,
      masks,
      rows: scope,
      purpose,
      modes,
      quota,
      addresses,
      validTo,
    } = row.state === 'granted' && live ? grantContent(live) : application.content;
    return {
      id: row.id,
      state: row.state === 'granted' && over ? 'expired' : row.state,
      resource: row.resource,
      provider: row.provider,
      consumer: row.consumer,
      items,
      masks,
      rows: scope ?? null,
      purpose,
      modes,
      quota: quota ?? null,
      ...(addresses && { addresses }),
      appliedBy: application.applied_by,
      appliedAt: application.applied_at,
      decidedBy: application.decided_by,
      decidedAt: application.decided_at,
      reason: application.reason,
      validTo,
      grant: over ? null : (grant ?? null),
      ...(matter && { stage: matter.stage }),
    };
  });
}
