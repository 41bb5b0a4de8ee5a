import { type Payload, personRoutes, type SupplyWaiver } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../../department/departments.js';
import type { OrderNews, SupplyRests } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { Api } from '../../server/serve.js';
import { catalogErrors } from '../errors.js';
import { ownerFor } from '../own.js';
import { endWaiver, insertWaiver, listWaivers, standingWaiver, type WaiverFilter } from './store.js';

type Reported = Payload<(typeof personRoutes.waiveSupply)['body']>;

/**
 * 免报 (R139). A waived resource is supplied by nobody: its orders rest, and so do the clocks of what is still to be supplied under agreements,
 * until the waiver ends. Open to the own department, and to approvers of a competent one.
 */
export interface SupplyWaivers {
  list(filter: WaiverFilter): Promise<SupplyWaiver[]>;
  /** Throws QZ_PLATFORM_SUPPLY_WAIVED where it is already. */
  waive(caller: PersonCaller, code: string, reported: Reported): Promise<SupplyWaiver>;
  /** Throws QZ_PLATFORM_SUPPLY_NOT_WAIVED. */
  end(caller: PersonCaller, code: string, reason: string): Promise<SupplyWaiver>;
}

export function createSupplyWaivers(
  { db, audit, now }: Pick<PlatformContext, 'db' | 'audit' | 'now'>,
  departments: Departments,
  rests: SupplyRests,
  news: OrderNews,
): SupplyWaivers {
  /** What changes the waiver of a resource, with its record and what follows from it. */
  async function change(
    caller: PersonCaller,
    code: string,
    action: string,
    details: Readonly<Record<string, string>>,
    write: (trx: Knex.Transaction, department: string) => Promise<void>,
  ): Promise<SupplyWaiver> {
    const department = await ownerFor(db, departments, caller, code);
    const newest = await db.transaction(async (trx) => {
      await write(trx, department);
      await rests.settle(trx, code, caller);
      await audit.record({ actor: caller, action, object: code, outcome: 'done', details }, trx);
      return (await listWaivers(trx, { resources: [code], ended: true }))[0]!;
    });
    news.ofResource({ code, department });
    return newest;
  }

  return {
    list: (filter) => listWaivers(db, filter),

    waive: (caller, code, reported) =>
      change(caller, code, 'supply.waive', { ...reported }, async (trx, department) => {
        const before = await standingWaiver(trx, code);
        if (before) throw catalogErrors.SUPPLY_WAIVED({ resource: code, upper: before.upper });
        const ended = { endedBy: null, endedAt: null, endReason: null };
        const waived = { waivedBy: caller.account, waivedAt: now().toISOString() };
        await insertWaiver(trx, { resource: code, department, ...reported, ...waived, ...ended });
      }),

    end: (caller, code, reason) =>
      change(caller, code, 'supply.end-waiver', { reason }, async (trx) => {
        if (!(await standingWaiver(trx, code))) throw catalogErrors.SUPPLY_NOT_WAIVED({ resource: code });
        await endWaiver(trx, code, { by: caller.account, at: now().toISOString(), reason });
      }),
  };
}

export function bindSupplyWaivers(api: Api, waivers: SupplyWaivers): void {
  api.servePerson(personRoutes.listWaivers, async ({ query }) => ({ waivers: await waivers.list(query) }));
  api.servePerson(personRoutes.waiveSupply, ({ caller, param, body }) =>
    waivers.waive(caller, param('code'), body),
  );
  api.servePerson(personRoutes.endWaiver, ({ caller, param, body }) =>
    waivers.end(caller, param('code'), body.reason),
  );
}
