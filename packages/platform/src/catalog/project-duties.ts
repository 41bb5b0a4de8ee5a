import type { CatalogResource } from '@qianzhi/model';
import { untilDay } from '@qianzhi/model/duty';
import type { Knex } from 'knex';
import type { DutyClocks, PolicyService } from '../ports.js';
import type { PersonCaller } from '../server/caller.js';
import type { PlatformContext } from '../server/context.js';
import { acceptanceDay } from './search/index-text.js';

const KIND = 'catalog.project';

/** What a project was pre-compiled for is registered when it is accepted (R014): a duty of its provider where a day is named. */
export interface ProjectDuties {
  /** Opens, moves or closes the duty as the published entry says; undefined: there is no entry any more. */
  follow(
    trx: Knex.Transaction,
    code: string,
    resource: CatalogResource | undefined,
    caller: PersonCaller,
  ): Promise<void>;
}

export function createProjectDuties(
  { now }: Pick<PlatformContext, 'now'>,
  clocks: DutyClocks,
  policies: PolicyService,
): ProjectDuties {
  return {
    async follow(trx, code, resource, caller) {
      const day = resource && acceptanceDay(resource);
      const open = await clocks.openOf(code, KIND, trx);
      const kept = open.find(({ dueDay }) => dueDay === day);
      const registered = resource?.project?.stage === 'registered';
      const note = registered ? (resource.project?.number ?? 'registered') : (day ?? 'no day of acceptance');
      for (const { id } of open.filter((one) => one !== kept))
        await clocks.close(trx, id, registered ? 'done' : 'void', note, caller);
      if (!resource || day === undefined || kept) return;
      const { id: profile } = await policies.current(trx);
      const owed = { kind: KIND, object: code, owner: resource.department, rule: 'R014', profile } as const;
      await clocks.open(trx, { ...owed, ...untilDay(day, now()) }, caller);
    },
  };
}
