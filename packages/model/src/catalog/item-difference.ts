import { compareBounds, isCanonicalBound } from './bounds.js';
import { itemFieldLabels } from './entry-labels.js';
import { valueText } from './entry-words.js';
import { type CatalogItem, type ItemType, isRequired } from './item.js';
import { type CatalogResource, sharingOf } from './resource.js';
import { type ItemChange, type ItemChangeCode, itemChange } from './schema-change.js';

export interface ItemInResource {
  readonly resource: CatalogResource;
  readonly item: CatalogItem;
}

/** `narrower`: some value allowed before is not allowed after. Undefined: no difference. */
type Fit = 'narrower' | 'wider' | undefined;

/** What changed in one item. */
export function compareItems(before: ItemInResource, after: ItemInResource): ItemChange[] {
  return [
    ...retyped(before.item, after.item),
    ...requirement(before.item, after.item),
    ...ranges(before, after),
    ...described(before, after),
  ];
}

/** These decide the text of a value, so a change makes equal values different text. */
function retyped(before: CatalogItem, after: CatalogItem): ItemChange[] {
  const properties = [
    ['type', before.type, after.type],
    ['scale', before.scale, after.scale],
    ['fixedLength', before.fixedLength === true, after.fixedLength === true],
    ['instant', before.instant === true, after.instant === true],
  ] as const;
  return properties.flatMap(([property, was, is]) =>
    was === is ? [] : [change('RETYPED', after, property, was, is)],
  );
}

function requirement(before: CatalogItem, after: CatalogItem): ItemChange[] {
  const [was, is] = [before.key === true, after.key === true];
  if (was !== is) return [change('REKEYED', after, 'key', was, is)];
  if (isRequired(before) === isRequired(after)) return [];
  return [itemChange(isRequired(after) ? 'REQUIRED' : 'RELEASED', after.column)];
}

function ranges(before: ItemInResource, after: ItemInResource): ItemChange[] {
  const [was, is] = [before.item, after.item];
  const fits: (readonly [property: keyof CatalogItem, fit: Fit])[] = [
    ['pattern', limit(was.pattern, is.pattern, () => 'narrower')],
    ['allow', fitOfSets(was.allow ?? [], is.allow ?? [])],
    ['schemes', limit(was.schemes, is.schemes, fitOfSets)],
    // The check is made only where the column says so: naming one widens.
    ['idTypeColumn', limit(is.idTypeColumn, was.idTypeColumn, () => 'narrower')],
    ['onInvalid', limit(flags(is), flags(was), () => undefined)],
    ['codeTable', limit(codes(before), codes(after), fitOfSets)],
  ];
  if (was.type === is.type) {
    const { type } = is;
    fits.push(
      ['length', limit(was.length, is.length, (a, b) => fitOfOrder(b - a))],
      ['precision', limit(was.precision, is.precision, (a, b) => fitOfOrder(b - a))],
      ['min', limit(was.min, is.min, (a, b) => fitOfBounds(type, b, a))],
      ['max', limit(was.max, is.max, (a, b) => fitOfBounds(type, a, b))],
    );
  }
  return fits.flatMap(([property, fit]) => {
    if (!fit) return [];
    const code = fit === 'wider' ? 'WIDENED' : 'NARROWED';
    return [change(code, is, property, shown(before, property), shown(after, property))];
  });
}

/** An absent limit allows everything. */
function limit<T>(before: T | undefined, after: T | undefined, fit: (before: T, after: T) => Fit): Fit {
  if (before === undefined) return after === undefined ? undefined : 'narrower';
  if (after === undefined) return 'wider';
  return JSON.stringify(before) === JSON.stringify(after) ? undefined : fit(before, after);
}

function fitOfOrder(difference: number): Fit {
  return difference === 0 ? undefined : difference > 0 ? 'wider' : 'narrower';
}

/** A bound that was never checked may be no value at all; then nothing is known and it counts as narrower. */
function fitOfBounds(type: ItemType, less: string, more: string): Fit {
  const known = [less, more].every((text) =>
    isCanonicalBound({ name: '', column: '', type, instant: text.endsWith('+00') }, text),
  );
  return known ? fitOfOrder(compareBounds(type, more, less)) : 'narrower';
}

/** `narrower` as soon as anything is gone. */
function fitOfSets(before: readonly string[], after: readonly string[]): Fit {
  if (before.some((value) => !after.includes(value))) return 'narrower';
  return after.length > before.length ? 'wider' : undefined;
}

function flags(item: CatalogItem): true | undefined {
  return item.onInvalid === 'flag' || undefined;
}

function codes({ resource, item }: ItemInResource): string[] | undefined {
  const table = item.codeTable === undefined ? undefined : resource.codeTables?.[item.codeTable];
  return table && Object.keys(table).sort();
}

function described(before: ItemInResource, after: ItemInResource): ItemChange[] {
  const changes: ItemChange[] = [];
  for (const property of ['name', 'identifier', 'basic', 'sensitivity'] as const) {
    const [was, is] = [before.item[property] || undefined, after.item[property] || undefined];
    if (was !== is) changes.push(change('DESCRIBED', after.item, property, was, is));
  }
  const [was, is] = [sharingOf(before.resource, before.item), sharingOf(after.resource, after.item)];
  if (was !== is) changes.push(change('DESCRIBED', after.item, 'sharing', was, is));
  return changes;
}

function change(
  code: ItemChangeCode,
  item: CatalogItem,
  property: keyof CatalogItem,
  before: unknown,
  after: unknown,
): ItemChange {
  const label = itemFieldLabels[property];
  return itemChange(code, item.column, {
    property: { zh: `${label.zh}(${property})`, en: label.en },
    before: valueText(property, before),
    after: valueText(property, after),
  });
}

function shown(side: ItemInResource, property: keyof CatalogItem): unknown {
  if (property !== 'codeTable') return side.item[property];
  const count = codes(side)?.length;
  return count === undefined ? undefined : `${side.item.codeTable} (${count})`;
}
