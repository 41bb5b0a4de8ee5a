import { type CatalogResource, type Department, holdsFiles } from '@qianzhi/model';
import type { Knex } from 'knex';
import { giveUpStreams } from '../../exchange/stream-table.js';
import type { AuditLog, HandOverAgreements, OrderNews } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { Duties } from '../duties.js';
import { catalogErrors } from '../errors.js';
import { moveStatutoryLines } from '../lists/store.js';
import type { Publication } from '../publication.js';
import { currentRevision } from '../store.js';
import type { UpdateDuties } from '../update-duties.js';
import { lifecycleErrors } from './errors.js';
import { withdrawalOf } from './store.js';

export interface TransferPorts {
  readonly audit: AuditLog;
  readonly now: () => Date;
  readonly publication: Publication;
  readonly duties: Pick<Duties, 'endAll'>;
  readonly updates: UpdateDuties;
  readonly agreements: HandOverAgreements;
  readonly news: OrderNews;
}

export interface TransferDone {
  readonly from: string;
  /** Ids of agreements that go on under a new grant version. */
  readonly renewed: readonly string[];
  /** Ids of agreements that ended: the department held them itself. */
  readonly ended: readonly string[];
  /** To be called after the commit: tells whoever follows grants and orders. */
  announce(): void;
}

/** The entry as it stands, as the department will provide it. Throws QZ_PLATFORM_RESOURCE_UNKNOWN, _TRANSFER_TO_SELF, _RESOURCE_WITHDRAWN. */
export async function transferred(
  db: Knex,
  code: string,
  { id, uscc }: Pick<Department, 'id' | 'uscc'>,
): Promise<CatalogResource> {
  const current = await currentRevision(db, code);
  if (!current) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
  // a unit within the department before says nothing of this one
  const { department, providerUnit: _, providerCode, ...entry } = current.resource;
  if (department === id) throw lifecycleErrors.TRANSFER_TO_SELF({ resource: code, department });
  const withdrawn = await withdrawalOf(db, code);
  if (withdrawn) throw catalogErrors.RESOURCE_WITHDRAWN({ resource: code, reason: withdrawn.reason });
  const named = providerCode !== undefined && uscc !== undefined;
  return { ...entry, department: id, ...(named && { providerCode: uscc }) };
}

/**
 * Makes another department responsible (R009). Code, versions and what is owed go on under it. Its agents supply once the entry has passed a
 * secrecy review as its own and they are ordered to; those of the department before no longer may, from the commit on. Agreements go on as new
 * grant versions, which begin with its first whole copy, also where it was responsible before. Throws what `transferred` throws.
 */
export async function transfer(
  trx: Knex.Transaction,
  { audit, now, publication, duties, updates, agreements, news }: TransferPorts,
  caller: PersonCaller,
  code: string,
  receiver: Pick<Department, 'id' | 'uscc'>,
  reason: string,
): Promise<TransferDone> {
  const resource = await transferred(trx, code, receiver);
  const { id: to } = receiver;
  const before = (await currentRevision(trx, code))!;
  const from = before.resource.department;
  await publication.reassign(trx, caller, before, resource);
  await duties.endAll(trx, code);
  const at = now().toISOString();
  if (!holdsFiles(resource)) await giveUpStreams(trx, code, at);
  await moveStatutoryLines(trx, code, [from, to], { by: caller.account, at });
  await updates.handOverAll(trx, code, to, reason, caller);
  const changes = await agreements.handOver(trx, code, to, reason, caller);
  const idsOf = (change: string) =>
    changes.filter((one) => one.change === change).map(({ agreement }) => agreement);
  const [renewed, ended] = [idsOf('granted'), idsOf('revoked')];
  const details = { from, to, reason, renewed: renewed.length, ended: ended.length };
  await audit.record(
    { actor: caller, action: 'catalog.transfer', object: code, outcome: 'done', details },
    trx,
  );
  return {
    from,
    renewed,
    ended,
    announce() {
      agreements.announce(changes);
      for (const department of [from, to]) news.ofResource({ code, department });
    },
  };
}
