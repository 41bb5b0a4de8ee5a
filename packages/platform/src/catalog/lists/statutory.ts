import { type CatalogResource, checkStatutory, type ListEntry, type TimedDuty } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { DutyClocks, PolicyService } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import { withdrawalOf } from '../lifecycle/store.js';
import { currentRevision } from '../store.js';
import { statutoryLines } from './store.js';

const KIND = 'catalog.update';
const RULE = 'R017';

/**
 * What a law already requires to be shared must be in the catalog (R017): a duty of the department for each resource that lacks it, with
 * the days the profile gives for updating the catalog. A published entry that has the items closes it; so does a list that no longer
 * names them.
 */
export interface StatutoryDuties {
  /** Not inside a transaction. */
  term(): Promise<Pick<TimedDuty, 'profile' | 'deadline'>>;
  /** Opens and closes what the list asks for now; answers the duties that are open then. */
  settle(
    trx: Knex.Transaction,
    caller: PersonCaller,
    department: string,
    lines: readonly ListEntry[],
    term: Pick<TimedDuty, 'profile' | 'deadline'>,
  ): Promise<TimedDuty[]>;
  /** Closes what the entry, as it is published now, has the items for. */
  published(trx: Knex.Transaction, caller: PersonCaller, code: string, note: string): Promise<void>;
}

export const isStatutory = ({ rule }: Pick<TimedDuty, 'rule'>) => rule === RULE;

export function createStatutoryDuties(clocks: DutyClocks, policies: PolicyService): StatutoryDuties {
  return {
    async term() {
      const { id, catalogUpdateDays } = await policies.current();
      return { profile: id, deadline: catalogUpdateDays };
    },

    async settle(trx, caller, department, lines, term) {
      const lacking = await lackingIn(trx, lines);
      const open = (await clocks.openOfOwner(department, KIND, trx)).filter(isStatutory);
      for (const { id, object } of open) {
        if (!lacking.has(object)) await clocks.close(trx, id, 'void', 'list changed', caller);
      }
      for (const object of lacking) {
        if (open.some((duty) => duty.object === object)) continue;
        await clocks.open(trx, { kind: KIND, object, owner: department, rule: RULE, ...term }, caller);
      }
      return (await clocks.openOfOwner(department, KIND, trx)).filter(isStatutory);
    },

    async published(trx, caller, code, note) {
      for (const { id, owner } of (await clocks.openOf(code, KIND, trx)).filter(isStatutory)) {
        const lines = owner === null ? [] : await statutoryLines(trx, { code, department: owner });
        if ((await lackingIn(trx, lines)).size === 0) await clocks.close(trx, id, 'done', note, caller);
      }
    },
  };
}

/** Codes of resources that are not published, or leave out or withhold what their lines name. */
async function lackingIn(trx: Knex.Transaction, lines: readonly ListEntry[]): Promise<ReadonlySet<string>> {
  const lacking = new Set<string>();
  for (const line of lines) {
    const { resource: code } = line;
    if (code === undefined) continue;
    const published: CatalogResource | undefined = (await withdrawalOf(trx, code))
      ? undefined
      : (await currentRevision(trx, code))?.resource;
    if (!published || checkStatutory(line, published).length > 0) lacking.add(code);
  }
  return lacking;
}
