import type { CatalogEvent, TimedDuty } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { Departments } from '../department/departments.js';
import type { DutyClocks, PolicyService } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { ownerFor } from './own.js';

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
  /** The entry was published anew or withdrawn: what was owed of it is done. */
  settle(trx: Knex.Transaction, code: string, note: string, caller: PersonCaller): Promise<void>;
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

    async settle(trx, code, note, caller) {
      for (const { id } of await clocks.openOf(code, KIND, trx)) {
        await clocks.close(trx, id, 'done', note, caller);
      }
    },
  };
}
