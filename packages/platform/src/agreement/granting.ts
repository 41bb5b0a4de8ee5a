import type { Grant } from '@qianzhi/model';
import { signDocument } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { catalogErrors } from '../catalog/errors.js';
import { withdrawalOf } from '../catalog/lifecycle/store.js';
import type { GrantChange } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import { boundsOf, type GrantContent } from './content.js';
import { agreementErrors } from './errors.js';
import {
  type AgreementRow,
  endGrant,
  findGrants,
  type GrantRow,
  insertGrant,
  moveAgreement,
} from './store.js';

/** Puts grants in force; what they are is decided elsewhere. */
export interface Granting {
  /**
   * Puts the next grant version in force, in place of the one before. Throws QZ_PLATFORM_NOT_PENDING where the agreement has moved on,
   * QZ_PLATFORM_RESOURCE_WITHDRAWN.
   */
  grantNext(
    trx: Knex.Transaction,
    row: AgreementRow,
    content: GrantContent,
    approvedBy: string,
  ): Promise<GrantChange[]>;
  /** What the department holds now; undefined without a grant, or after its time. */
  heldContent(db: Knex, row: AgreementRow): Promise<GrantContent | undefined>;
}

export function createGranting({ now, signingKey }: Pick<PlatformContext, 'now' | 'signingKey'>): Granting {
  return {
    async grantNext(trx, row, content, approvedBy) {
      // looked at before the transaction, where it may have changed; a suspension interrupts what the withdrawal lets run out
      const withdrawn = row.state === 'suspended' ? undefined : await withdrawalOf(trx, row.resource);
      if (withdrawn)
        throw catalogErrors.RESOURCE_WITHDRAWN({ resource: row.resource, reason: withdrawn.reason });
      const at = now().toISOString();
      const { addresses, ...granted } = content;
      const before = await findGrants(trx, { agreement: row.id });
      const grantVersion = (before.at(-1)?.grant_version ?? 0) + 1;
      const { id: agreement, resource, provider, consumer } = row;
      const body: Grant = {
        type: 'grant',
        agreement,
        grantVersion,
        resource,
        provider,
        consumer,
        ...granted,
        validFrom: at,
        approvedBy,
        issuedAt: at,
      };
      const changes: GrantChange[] = [];
      if (row.live_grant !== null) {
        const old = { agreement, grant_version: row.live_grant };
        await endGrant(trx, old, { at, change: 'replaced', reason: `grant version ${grantVersion}` });
        changes.push({ agreement, grantVersion: row.live_grant, resource, consumer, change: 'replaced' });
      }
      await insertGrant(trx, signDocument(body, signingKey), addresses);
      if (!(await moveAgreement(trx, row, { state: 'granted', live_grant: grantVersion }))) {
        throw agreementErrors.NOT_PENDING({ agreement, state: 'granted' });
      }
      return [...changes, { agreement, grantVersion, resource, consumer, change: 'granted' }];
    },

    async heldContent(db, row) {
      if (row.live_grant === null) return undefined;
      const [live] = await findGrants(db, { agreement: row.id, grant_version: row.live_grant });
      if (!live || live.valid_to <= now().toISOString()) return undefined;
      return grantContent(live);
    },
  };
}

/** What a grant gives, without what names it. */
export function grantContent({ document, addresses }: GrantRow): GrantContent {
  const { items, masks, rows, purpose, modes, quota, validTo } = document.body;
  return { items, masks, purpose, modes, validTo, ...boundsOf({ rows, quota, addresses }) };
}
