import type { Withdrawal } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { AuditLog, EndAgreements } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import { catalogErrors } from '../errors.js';
import { statutoryLines } from '../lists/store.js';
import type { ProjectDuties } from '../project-duties.js';
import { providerOf } from '../store.js';
import type { UpdateDuties } from '../update-duties.js';
import { insertWithdrawal, withdrawalOf } from './store.js';

export interface WithdrawalPorts {
  readonly audit: AuditLog;
  readonly now: () => Date;
  readonly agreements: EndAgreements;
  readonly updates: UpdateDuties;
  readonly projects: ProjectDuties;
}

export interface WithdrawalDone {
  /** Ids of the agreements that ended with it. */
  readonly ended: readonly string[];
  /** To be called after the commit: tells whoever follows grants. */
  announce(): void;
}

/**
 * Takes an entry out of the catalog: nobody applies for it any more and no pending application is granted. Agreements in force run out or end
 * at once, as the withdrawal says. Publishing it again ends the withdrawal. Throws QZ_PLATFORM_RESOURCE_WITHDRAWN, and
 * QZ_PLATFORM_STATUTORY_RESOURCE for what a law requires to be shared (R017).
 */
export async function withdraw(
  trx: Knex.Transaction,
  { audit, now, agreements, updates, projects }: WithdrawalPorts,
  caller: PersonCaller,
  code: string,
  withdrawal: Withdrawal,
): Promise<WithdrawalDone> {
  const before = await withdrawalOf(trx, code);
  if (before) throw catalogErrors.RESOURCE_WITHDRAWN({ resource: code, reason: before.reason });
  const department = await providerOf(trx, code);
  const [line] = department === undefined ? [] : await statutoryLines(trx, { code, department });
  if (line)
    throw catalogErrors.STATUTORY_RESOURCE({ resource: code, line: line.name, basis: line.basis ?? '' });
  const { reason, liveAgreements } = withdrawal;
  await insertWithdrawal(trx, code, withdrawal, { by: caller.account, at: now().toISOString() });
  await updates.settle(trx, code, 'withdrawn', caller);
  await projects.follow(trx, code, undefined, caller);
  const ended = liveAgreements === 'end' ? await agreements.endAll(trx, code, reason, caller) : [];
  const details = { reason, liveAgreements, endedAgreements: ended.length };
  await audit.record(
    { actor: caller, action: 'catalog.withdraw', object: code, outcome: 'done', details },
    trx,
  );
  return { ended: ended.map(({ agreement }) => agreement), announce: () => agreements.announce(ended) };
}
