import type { CatalogResource, OffCatalogRequest, Payload, personRoutes } from '@qianzhi/model';
import type { Knex } from 'knex';
import { withdrawalOf } from '../../catalog/lifecycle/store.js';
import { currentRevision } from '../../catalog/store.js';
import type { Departments } from '../../department/departments.js';
import type { AwaitedEntries } from '../../ports.js';
import { hasRole, type PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { Seen } from '../matters/guards.js';
import type { MatterSteps } from '../matters/steps.js';
import type { MatterRow } from '../matters/store.js';
import { offCatalogErrors } from './errors.js';
import { matchItems } from './match.js';
import { awaiting, changeRequest, matterOf, type RequestRow, requireRequest } from './store.js';
import { shown } from './view.js';

/** What applications ask of requests. */
export interface RequestLinks {
  /** Throws QZ_PLATFORM_REQUEST_NOT_LINKED for a resource that is not the entry made for it, QZ_PLATFORM_REQUEST_UNKNOWN for another's. */
  requireLinked(consumer: string, id: string, resource: string): Promise<void>;
  /** It was turned into this agreement's application; a later one takes the place. */
  turned(trx: Knex.Transaction, caller: PersonCaller, id: string, agreement: string): Promise<void>;
}

export interface RequestEntries extends RequestLinks, AwaitedEntries {
  show(caller: PersonCaller, id: string): Promise<OffCatalogRequest>;
  /**
   * The provider says which entry it made, or will: what is published already is linked at once, and ends its duty. Throws
   * QZ_PLATFORM_REQUEST_ENTRY_NOT_OWED, _REQUEST_ENTRY_FOREIGN, _REQUEST_ITEMS_UNMATCHED.
   */
  link(
    caller: PersonCaller,
    id: string,
    entry: Payload<(typeof personRoutes.linkRequest)['body']>,
  ): Promise<OffCatalogRequest>;
}

export function createRequestEntries(
  { db, now }: PlatformContext,
  departments: Departments,
  steps: MatterSteps,
  visible: (caller: PersonCaller, id: string) => Promise<Seen<RequestRow>>,
): RequestEntries {
  async function show(caller: PersonCaller, id: string): Promise<OffCatalogRequest> {
    const { row, standing } = await visible(caller, id);
    const entry = row.resource === null ? undefined : await published(db, row.resource);
    return shown(row, standing.matter, await steps.view(standing), entry, now());
  }

  /** What may be applied for. */
  async function published(from: Knex, code: string): Promise<CatalogResource | undefined> {
    const revision = await currentRevision(from, code);
    return revision && !(await withdrawalOf(from, code)) ? revision.resource : undefined;
  }

  /** Its provider, or a competent department that did not ask for it. */
  async function requireNaming(caller: PersonCaller, { row, standing }: Seen<RequestRow>): Promise<void> {
    const { provider } = standing.matter;
    const own = caller.department === null ? undefined : await departments.require(caller.department);
    const decides = own?.competent && own.id !== row.consumer && hasRole(caller, 'approver');
    if (own?.id === provider || decides) return;
    throw offCatalogErrors.REQUEST_NOT_PROVIDER({ request: row.id, provider: provider ?? '-' });
  }

  async function settle(
    trx: Knex.Transaction,
    caller: PersonCaller,
    row: RequestRow,
    matter: MatterRow,
    entry: CatalogResource,
    columns: RequestRow['columns'],
  ): Promise<void> {
    await changeRequest(trx, row.id, { resource: entry.code, columns, linked_at: now().toISOString() });
    if (matter.supplyDuty !== null)
      await steps.clocks.close(trx, matter.supplyDuty, 'done', entry.code, caller);
    await steps.note(trx, caller, matter, 'link', entry.code, { supplyDuty: null });
  }

  return {
    show,

    async link(caller, id, { resource: code, columns = {} }) {
      await requireNaming(caller, await visible(caller, id));
      await db.transaction(async (trx) => {
        // as they are now: another may have been linked, or this one published, since it was looked at
        const [row, matter] = [await requireRequest(trx, id), await matterOf(trx, id)];
        if (matter.stage !== 'granted' || row.linked_at !== null)
          throw offCatalogErrors.REQUEST_ENTRY_NOT_OWED({ request: id });
        const entry = await published(trx, code);
        if (!entry) {
          await changeRequest(trx, id, { resource: code, columns });
          return steps.note(trx, caller, matter, 'name-entry', code, {});
        }
        const { department: owner } = entry;
        const named = { request: id, resource: code };
        if (owner !== matter.provider)
          throw offCatalogErrors.REQUEST_ENTRY_FOREIGN({ ...named, owner, provider: matter.provider ?? '-' });
        const match = matchItems({ ...row, columns }, entry);
        if (match.unmatched.length > 0)
          throw offCatalogErrors.REQUEST_ITEMS_UNMATCHED({ ...named, items: match.unmatched.join(', ') });
        return settle(trx, caller, row, matter, entry, match.columns);
      });
      return show(caller, id);
    },

    async published(trx, entry, caller) {
      for (const row of await awaiting(trx, entry.code)) {
        const matter = await matterOf(trx, row.id);
        if (matter.provider !== entry.department) continue;
        const { columns, unmatched } = matchItems(row, entry);
        if (unmatched.length === 0) {
          await settle(trx, caller, row, matter, entry, columns);
          continue;
        }
        // another is to be named, or this one with the columns that its items have
        await changeRequest(trx, row.id, { resource: null, columns: {} });
        const text = `${entry.code}: ${unmatched.join(', ')}`;
        await steps.note(trx, caller, matter, 'unmatched', text, {});
      }
    },

    async requireLinked(consumer, id, resource) {
      const row = await requireRequest(db, id);
      if (row.consumer !== consumer) throw offCatalogErrors.REQUEST_UNKNOWN({ request: id });
      if (row.linked_at === null || row.resource !== resource)
        throw offCatalogErrors.REQUEST_NOT_LINKED({ request: id, resource });
    },

    async turned(trx, caller, id, agreement) {
      await changeRequest(trx, id, { agreement });
      await steps.note(trx, caller, await matterOf(trx, id), 'turn', agreement, {});
    },
  };
}
