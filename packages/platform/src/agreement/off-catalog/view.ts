import type { Application, CatalogResource, Matter, OffCatalogRequest } from '@qianzhi/model';
import type { MatterRow } from '../matters/store.js';
import type { RequestRow } from './store.js';

type Facts = Pick<MatterRow, 'stage' | 'provider'>;

/** A request as lists show it. */
export function listed(row: RequestRow, { stage, provider }: Facts): OffCatalogRequest {
  const { id, consumer, resource, agreement, columns } = row;
  return {
    ...row.content,
    ...{ id, stage, provider, consumer, resource, agreement },
    appliedBy: row.applied_by,
    appliedAt: row.applied_at,
    linkedAt: row.linked_at,
    columns: { ...columns },
  };
}

/** With its story and, once its entry is there, the application filled in. */
export function shown(
  row: RequestRow,
  matter: MatterRow,
  story: Matter,
  entry: CatalogResource | undefined,
  now: Date,
): OffCatalogRequest {
  const application = entry && row.linked_at !== null ? applicationOf(row, entry, now) : null;
  return { ...listed(row, matter), application, matter: story };
}

/** Columns of the items in an entry: as they were named, else where names are the same. */
export function columnsOf(
  { content, columns }: Pick<RequestRow, 'content' | 'columns'>,
  entry: CatalogResource,
): Record<string, string> {
  const known = new Set(entry.items.map(({ column }) => column));
  const byName = new Map(entry.items.map(({ name, column }) => [name.trim(), column]));
  return Object.fromEntries(
    content.items.flatMap(({ name }) => {
      const column = columns[name] ?? byName.get(name.trim()) ?? name;
      return known.has(column) ? [[name, column] as const] : [];
    }),
  );
}

/** Items that the entry no longer has are left out; a time that is past is not asked for. */
function applicationOf(row: RequestRow, entry: CatalogResource, now: Date): Application {
  const { purpose, modes, validTo, items } = row.content;
  const columns = columnsOf(row, entry);
  const bases = items.flatMap(({ name, legalBasis }) => {
    const column = columns[name];
    return column === undefined || legalBasis === undefined ? [] : [[column, legalBasis] as const];
  });
  return {
    resource: entry.code,
    items: [...new Set(Object.values(columns))],
    purpose: { ...purpose },
    modes: [...modes],
    ...(bases.length > 0 && { itemBasis: Object.fromEntries(bases) }),
    ...(validTo !== undefined && Date.parse(validTo) > now.getTime() && { validTo }),
    request: row.id,
  };
}
