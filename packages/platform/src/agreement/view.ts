import type { Agreement } from '@qianzhi/model';
import type { Knex } from 'knex';
import { latestMatter } from './matters/store.js';
import { type AgreementRow, latestApplication, readGrants } from './store.js';

/**
 * An agreement as persons see it. While an extension waits, `items` and the rest tell what is asked for and `grant` what is
 * in force; a grant whose time is over shows as expired before housekeeping has marked it.
 */
export async function showAgreement(db: Knex, row: AgreementRow, now: Date): Promise<Agreement> {
  const application = await latestApplication(db, row.id);
  const grant = await grantOf(db, row);
  const matter = await latestMatter(db, row.id);
  const over = grant !== undefined && grant.body.validTo <= now.toISOString();
  const { items, masks, rows, purpose, modes, quota, validTo } =
    row.state === 'granted' && grant ? grant.body : application.content;
  return {
    id: row.id,
    state: row.state === 'granted' && over ? 'expired' : row.state,
    resource: row.resource,
    provider: row.provider,
    consumer: row.consumer,
    items,
    masks,
    rows: rows ?? null,
    purpose,
    modes,
    quota: quota ?? null,
    appliedBy: application.applied_by,
    appliedAt: application.applied_at,
    decidedBy: application.decided_by,
    decidedAt: application.decided_at,
    reason: application.reason,
    validTo,
    grant: over ? null : (grant ?? null),
    ...(matter && { stage: matter.stage }),
  };
}

async function grantOf(db: Knex, { id: agreement, live_grant }: AgreementRow) {
  if (live_grant === null) return undefined;
  const [live] = await readGrants(db, { agreement, grant_version: live_grant });
  return live?.document;
}
