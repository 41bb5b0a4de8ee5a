import {
  checkListEntry,
  checkShape,
  comparableName,
  type DepartmentList,
  type Finding,
  type ListEntry,
  type ListKind,
  ListKindSchema,
  listFindings,
  personRoutes,
} from '@qianzhi/model';
import type { CatalogService } from '../../ports.js';
import type { PersonCaller } from '../../server/caller.js';
import type { PlatformContext } from '../../server/context.js';
import type { Api } from '../../server/serve.js';
import { catalogErrors } from '../errors.js';
import type { StatutoryDuties } from './statutory.js';
import { findLists, putList } from './store.js';

/** 责任清单, 需求清单, 负面清单 of each department (R018), and 法定共享清单 (R017). */
export interface DepartmentLists {
  of(list: ListKind, department?: string): Promise<DepartmentList[]>;
  /** In place of the one before. Throws QZ_PLATFORM_LIST_REFUSED naming every finding; then nothing changes. */
  put(caller: PersonCaller, list: ListKind, entries: readonly ListEntry[]): Promise<DepartmentList>;
}

export function createDepartmentLists(
  { db, audit, now }: Pick<PlatformContext, 'db' | 'audit' | 'now'>,
  catalog: Pick<CatalogService, 'current'>,
  statutory: StatutoryDuties,
): DepartmentLists {
  async function findingsOf(list: ListKind, department: string, entries: readonly ListEntry[]) {
    const names = new Set<string>();
    const findings: { readonly place: number; readonly finding: Finding }[] = [];
    const tell = (place: number, ...found: readonly Finding[]) =>
      findings.push(...found.map((finding) => ({ place, finding })));
    for (const [at, entry] of entries.entries()) {
      const place = at + 1;
      const name = comparableName(entry.name);
      if (names.has(name)) tell(place, listFindings.LIST_NAME_REPEATED(entry.name, { place }));
      names.add(name);
      const resource = entry.resource === undefined ? undefined : await catalog.current(entry.resource);
      tell(place, ...checkListEntry(list, department, entry, resource, place));
    }
    return findings;
  }

  return {
    of: (list, department) => findLists(db, list, department),

    async put(caller, list, entries) {
      const { department, account } = caller;
      if (department === null) throw catalogErrors.LIST_OF_NOBODY({ account });
      const findings = await findingsOf(list, department, entries);
      if (findings.length > 0)
        throw catalogErrors.LIST_REFUSED({
          list,
          count: findings.length,
          // for who knows the entries by their rows
          places: findings.map(({ place }) => place).join(' '),
          findings: {
            zh: findings.map(({ finding }) => finding.texts.zh).join(';'),
            en: findings.map(({ finding }) => finding.texts.en).join('; '),
          },
        });
      const put: DepartmentList = {
        list,
        department,
        entries: [...entries],
        putBy: account,
        putAt: now().toISOString(),
      };
      const term = await statutory.term();
      return db.transaction(async (trx) => {
        await putList(trx, put);
        const details = { department, entries: entries.length };
        await audit.record(
          { actor: caller, action: 'catalog.put-list', object: list, outcome: 'done', details },
          trx,
        );
        if (list !== 'statutory') return put;
        return { ...put, duties: await statutory.settle(trx, caller, department, entries, term) };
      });
    },
  };
}

export function bindDepartmentLists(api: Api, lists: DepartmentLists): void {
  const kind = (list: string) => checkShape(ListKindSchema, list, 'list');
  api.servePerson(personRoutes.departmentLists, async ({ param, query }) => ({
    lists: await lists.of(kind(param('list')), query.department),
  }));
  api.servePerson(personRoutes.putDepartmentList, ({ caller, param, body }) =>
    lists.put(caller, kind(param('list')), body.entries),
  );
}
