import {
  type Application,
  type CatalogResource,
  type Matter,
  missingKeyItems,
  type OffCatalogRequest,
} from '@qianzhi/model';
import { mergesByKey } from '../content.js';
import type { MatterRow } from '../matters/store.js';
import { matchItems } from './match.js';
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

/** Items that the entry no longer has are left out, its key is added where rows are merged by it; a time that is past is not asked for. */
function applicationOf(row: RequestRow, entry: CatalogResource, now: Date): Application {
  const { purpose, modes, validTo, items } = row.content;
  const { columns } = matchItems(row, entry);
  const wanted = [...new Set(Object.values(columns))];
  const keys = mergesByKey({ modes }) ? missingKeyItems(entry, wanted) : [];
  const bases = items.flatMap(({ name, legalBasis }) => {
    const column = columns[name];
    return column === undefined || legalBasis === undefined ? [] : [[column, legalBasis] as const];
  });
  return {
    resource: entry.code,
    items: [...wanted, ...keys.map(({ column }) => column)],
    purpose: { ...purpose },
    modes: [...modes],
    ...(bases.length > 0 && { itemBasis: Object.fromEntries(bases) }),
    ...(validTo !== undefined && Date.parse(validTo) > now.getTime() && { validTo }),
    request: row.id,
  };
}
