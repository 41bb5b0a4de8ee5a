import type { CatalogEvent, TimedDuty } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import type { DutyClocks, PolicyService } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { catalogErrors } from './errors.js';
import { isStatutory } from './lists/statutory.js';
import { ownerFor, requireOwn } from './own.js';
import { providerOf } from './store.js';

const KIND = 'catalog.update';

/** What must be brought up to date because a law was revised or functions changed (R006, R007). */
export interface UpdateDuties {
  /**
   * Opens a duty of the provider for each resource, with the deadline of the policy in force; one without a number is never overdue
   * (R007). For the own department, or by an approver of the competent one. Throws QZ_PLATFORM_RESOURCE_UNKNOWN or _OTHER_DEPARTMENT.
   */
  open(
    caller: PersonCaller,
    resources: readonly string[],
    event: CatalogEvent,
    note: string,
  ): Promise<TimedDuty[]>;
  /**
   * The department has looked at the entry and says that nothing is to be changed: what was owed of it is done, with the reason, but for
   * what a law asks of the entry (R017). Answers what was closed. Throws QZ_PLATFORM_RESOURCE_UNKNOWN, _OTHER_DEPARTMENT,
   * _UPDATE_NOT_OWED, and _UPDATE_STATUTORY where nothing else is owed.
   */
  confirm(caller: PersonCaller, code: string, reason: string): Promise<TimedDuty[]>;
  /** The entry was changed or withdrawn: what was owed of it because of an event is done. */
  settle(trx: Knex.Transaction, code: string, note: string, caller: PersonCaller): Promise<void>;
  /** Another department is responsible: it owes whatever is open of the entry, of every kind, by the same day. */
  handOverAll(
    trx: Knex.Transaction,
    code: string,
    owner: string,
    note: string,
    caller: PersonCaller,
  ): Promise<void>;
}

export function createUpdateDuties(
  { db, audit }: PlatformContext,
  departments: Departments,
  clocks: DutyClocks,
  policies: PolicyService,
): UpdateDuties {
  return {
    async open(caller, resources, event, note) {
      const owners = new Map<string, string>();
      for (const code of resources) owners.set(code, await ownerFor(db, departments, caller, code));
      const { id: profile, catalogUpdateDays: deadline } = await policies.current();
      const rule = deadline === null ? 'R007' : 'R006';
      return db.transaction(async (trx) => {
        const opened: TimedDuty[] = [];
        for (const [code, owner] of owners) {
          const duty = { kind: KIND, object: code, owner, rule, profile, deadline } as const;
          const id = await clocks.open(trx, duty, caller);
          const details = { event, note, duty: id };
          await audit.record(
            { actor: caller, action: 'catalog.update-duty', object: code, outcome: 'done', details },
            trx,
          );
          opened.push(...(await clocks.openOf(code, KIND, trx)).filter((one) => one.id === id));
        }
        return opened;
      });
    },

    async confirm(caller, code, reason) {
      const owner = await providerOf(db, code);
      if (owner === undefined) throw catalogErrors.RESOURCE_UNKNOWN({ resource: code });
      requireOwn(caller, owner);
      return db.transaction(async (trx) => {
        const open = await clocks.openOf(code, KIND, trx);
        if (open.length === 0) throw catalogErrors.UPDATE_NOT_OWED({ resource: code });
        const owed = open.filter((duty) => !isStatutory(duty));
        if (owed.length === 0) throw catalogErrors.UPDATE_STATUTORY({ resource: code });
        for (const { id } of owed)
          await clocks.close(trx, id, 'done', `nothing to change: ${reason}`, caller);
        const details = { reason, duties: owed.length };
        await audit.record(
          { actor: caller, action: 'catalog.confirm', object: code, outcome: 'done', details },
          trx,
        );
        return owed;
      });
    },

    async settle(trx, code, note, caller) {
      for (const duty of await clocks.openOf(code, KIND, trx)) {
        if (!isStatutory(duty)) await clocks.close(trx, duty.id, 'done', note, caller);
      }
    },

    async handOverAll(trx, code, owner, note, caller) {
      for (const { id } of await clocks.openOf(code, undefined, trx)) {
        await clocks.handOver(trx, id, owner, note, caller);
      }
    },
  };
}
