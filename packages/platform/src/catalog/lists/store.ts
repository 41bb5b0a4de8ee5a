import type { DepartmentList, ListEntry, ListKind } from '@qianzhi/model';
import type { Knex } from 'knex';

interface ListRow {
  readonly list: ListKind;
  readonly department: string;
  readonly entries: string;
  readonly put_by: string;
  readonly put_at: string;
}

/** In the order of departments. */
export async function findLists(db: Knex, list: ListKind, department?: string): Promise<DepartmentList[]> {
  const rows = db('department_lists').where({ list }).orderBy('department');
  if (department !== undefined) rows.where({ department });
  return ((await rows) as ListRow[]).map(({ entries, put_by, put_at, ...row }) => ({
    ...row,
    entries: JSON.parse(entries) as ListEntry[],
    putBy: put_by,
    putAt: put_at,
  }));
}

/** In place of the one before. */
export async function putList(
  trx: Knex.Transaction,
  { list, department, entries, putBy, putAt }: DepartmentList,
): Promise<void> {
  const row: ListRow = { list, department, entries: JSON.stringify(entries), put_by: putBy, put_at: putAt };
  await trx('department_lists').insert(row).onConflict(['list', 'department']).merge();
}

/** What laws require to be shared of the resource goes on in the list of the department that is responsible for it from now on. */
export async function moveStatutoryLines(
  trx: Knex.Transaction,
  code: string,
  [from, to]: readonly [string, string],
  { by, at }: { readonly by: string; readonly at: string },
): Promise<void> {
  const [before] = await findLists(trx, 'statutory', from);
  const moved = before?.entries.filter(({ resource }) => resource === code) ?? [];
  if (!before || moved.length === 0) return;
  const [own] = await findLists(trx, 'statutory', to);
  const left = before.entries.filter((entry) => !moved.includes(entry));
  await putList(trx, { ...before, entries: left, putBy: by, putAt: at });
  const entries = [...(own?.entries ?? []), ...moved];
  await putList(trx, { list: 'statutory', department: to, entries, putBy: by, putAt: at });
}

/** What laws require the department to share of the resource (R017). */
export async function statutoryLines(
  db: Knex,
  { code, department }: { readonly code: string; readonly department: string },
): Promise<readonly ListEntry[]> {
  const lists = await findLists(db, 'statutory', department);
  return lists.flatMap(({ entries }) => entries).filter(({ resource }) => resource === code);
}
