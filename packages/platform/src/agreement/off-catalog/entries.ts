import type { CatalogResource, OffCatalogRequest, Payload, personRoutes } from '@qianzhi/model';
import type { Knex } from 'knex';
import { withdrawalOf } from '../../catalog/lifecycle/store.js';
import { currentRevision } from '../../catalog/store.js';
import type { Departments } from '../../department/departments.js';
import type { AwaitedEntries } from '../../ports.js';
import { hasRole, type PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { MatterSteps } from '../matters/steps.js';
import type { MatterRow } from '../matters/store.js';
import type { Visible } from './acts.js';
import { offCatalogErrors } from './errors.js';
import { awaiting, changeRequest, matterOf, type RequestRow, requireRequest } from './store.js';
import { columnsOf, shown } from './view.js';

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
  visible: (caller: PersonCaller, id: string) => Promise<Visible>,
): RequestEntries {
  async function show(caller: PersonCaller, id: string): Promise<OffCatalogRequest> {
    const { row, standing } = await visible(caller, id);
    const entry = row.resource === null ? undefined : await published(row.resource);
    return shown(row, standing.matter, await steps.view(standing), entry, now());
  }

  /** What may be applied for. */
  async function published(code: string): Promise<CatalogResource | undefined> {
    const revision = await currentRevision(db, code);
    return revision && !(await withdrawalOf(db, code)) ? revision.resource : undefined;
  }

  async function requireProvider(caller: PersonCaller, { provider, agreement }: MatterRow): Promise<void> {
    const own = caller.department === null ? undefined : await departments.require(caller.department);
    if (own?.id === provider || (own?.competent && hasRole(caller, 'approver'))) return;
    throw offCatalogErrors.REQUEST_NOT_PROVIDER({ request: agreement, provider: provider ?? '-' });
  }

  async function settle(
    trx: Knex.Transaction,
    caller: PersonCaller,
    row: RequestRow,
    matter: MatterRow,
    entry: CatalogResource,
  ): Promise<void> {
    await changeRequest(trx, row.id, {
      resource: entry.code,
      columns: columnsOf(row, entry),
      linked_at: now().toISOString(),
    });
    if (matter.supplyDuty !== null)
      await steps.clocks.close(trx, matter.supplyDuty, 'done', entry.code, caller);
    await steps.note(trx, caller, matter, 'link', entry.code, { supplyDuty: null });
  }

  return {
    show,

    async link(caller, id, { resource: code, columns = {} }) {
      const { row, standing } = await visible(caller, id);
      const { matter } = standing;
      await requireProvider(caller, matter);
      if (matter.stage !== 'granted' || row.linked_at !== null)
        throw offCatalogErrors.REQUEST_ENTRY_NOT_OWED({ request: id });
      const entry = await published(code);
      const owner = entry?.department ?? matter.provider;
      if (owner !== matter.provider)
        throw offCatalogErrors.REQUEST_ENTRY_FOREIGN({
          request: id,
          resource: code,
          owner: owner ?? '-',
          provider: matter.provider ?? '-',
        });
      const named = { ...row, resource: code, columns };
      const matched = entry && columnsOf(named, entry);
      const strange = Object.entries(columns).filter(([name, column]) => matched && matched[name] !== column);
      if (matched && (Object.keys(matched).length === 0 || strange.length > 0)) {
        const items =
          strange.length > 0 ? strange.map(([name]) => name) : row.content.items.map(({ name }) => name);
        throw offCatalogErrors.REQUEST_ITEMS_UNMATCHED({
          request: id,
          resource: code,
          items: items.join(', '),
        });
      }
      await db.transaction(async (trx) => {
        if (entry) return settle(trx, caller, named, matter, entry);
        await changeRequest(trx, id, { resource: code, columns });
        await steps.note(trx, caller, matter, 'name-entry', code, {});
      });
      return show(caller, id);
    },

    async published(trx, entry, caller) {
      for (const row of await awaiting(trx, entry.code)) {
        const matter = await matterOf(trx, row.id);
        if (matter.provider === entry.department) await settle(trx, caller, row, matter, entry);
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
