import type { LocalText } from '../errors/language.js';
import { compareSchemas } from './difference.js';
import { entryItemFields } from './entry.js';
import { fieldLabels, itemFieldLabels } from './entry-labels.js';
import { valueText } from './entry-words.js';
import type { CatalogResource } from './resource.js';

/** One difference between two publications of an entry, in words. */
export interface EntryChange {
  /** Name of the field; `items` for an item. */
  readonly field: string;
  /** Column of the item it is about; absent when it is about the resource. */
  readonly item?: string;
  readonly zh: string;
  readonly en: string;
}

/**
 * In what two publications of an entry differ, field by field and item by item, as people of the catalog say it. Schema versions are
 * the platform's numbers and no difference.
 */
export function compareEntries(before: CatalogResource, after: CatalogResource): EntryChange[] {
  const fields = Object.keys(fieldLabels) as (keyof CatalogResource)[];
  const compared = fields.filter((field) => field !== 'items' && field !== 'schemaVersion');
  return [
    ...compared.flatMap((field) =>
      changed(field, undefined, before[field], after[field], fieldLabels[field]),
    ),
    ...compareSchemas(before, after).changes.map(({ item, texts }) => ({ field: 'items', item, ...texts })),
    ...after.items.flatMap((item) => {
      const old = before.items.find(({ column }) => column === item.column);
      if (!old) return [];
      return (Object.keys(entryItemFields) as (keyof typeof entryItemFields)[]).flatMap((field) =>
        changed(field, item.column, old[field], item[field], itemFieldLabels[field]),
      );
    }),
  ];
}

function changed(
  field: string,
  item: string | undefined,
  before: unknown,
  after: unknown,
  label: LocalText,
): EntryChange[] {
  if (JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return [];
  const [was, is] = [valueText(field, before), valueText(field, after)];
  const of = item === undefined ? { zh: '', en: '' } : { zh: `${item} 的`, en: ` of ${item}` };
  return [
    {
      field,
      ...(item === undefined ? {} : { item }),
      zh: `${of.zh}${label.zh}:${was.zh} → ${is.zh}`,
      en: `${label.en}${of.en}: ${was.en} → ${is.en}`,
    },
  ];
}

/** The order of names in an object says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]): [string, unknown] => [name, sorted(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
