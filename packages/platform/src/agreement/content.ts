import {
  type Application,
  type CatalogItem,
  type CatalogResource,
  type Grant,
  holdsFiles,
  missingKeyItems,
  narrowedScope,
  readScope,
  scopeColumns,
  sharingOf,
} from '@qianzhi/model';
import { same } from '../catalog/revisions.js';
import { admissionOf } from '../server/admission.js';
import { agreementErrors } from './errors.js';

/** What is granted, or asked for; `addresses` is kept beside the grant. */
export type GrantContent = Pick<
  Grant,
  'items' | 'masks' | 'rows' | 'purpose' | 'modes' | 'quota' | 'validTo'
> & { addresses?: string[] };

export interface Assessment {
  readonly content: GrantContent;
  /**
   * Some item is shared conditionally (one that only the row scope looks at, too), or a quota, row scope or list of
   * addresses in force would change, so a person decides; else the rule grants at once (R057).
   */
  readonly needsDecision: boolean;
  /** A bound in force (quota, row scope, addresses) would change. */
  readonly loosened: boolean;
  /** Items used, by grant or row scope, that are not shared with everybody and not held yet. */
  readonly closed: readonly string[];
  /** Some of them are not shared at all (R138). */
  readonly restricted: boolean;
}

/**
 * What an application asks for, joined with what the department already holds, in item order and checked.
 * Throws the QZ_PLATFORM_* error of the first rule it breaks.
 */
export function assess(
  resource: CatalogResource,
  application: Application,
  held: GrantContent | undefined,
  defaultValidTo: string,
): Assessment {
  if (application.purpose.matter.trim() === '') {
    throw agreementErrors.PURPOSE_MISSING({ resource: resource.code });
  }
  const asked = application.items.length > 0 ? application.items : unconditionalColumns(resource);
  const columns = new Set(resource.items.map((item) => item.column));
  const kept = (held?.items ?? []).filter((column) => columns.has(column));
  const items = inItemOrder(resource, [...asked, ...kept]);
  const heldMasks = Object.entries(held?.masks ?? {}).filter(
    ([column]) => kept.includes(column) && !asked.includes(column),
  );
  const content: GrantContent = {
    items,
    masks: { ...Object.fromEntries(heldMasks), ...application.masks },
    ...rowsOf(resource, application, held),
    purpose: purposeOf(resource, application, items),
    modes: [...new Set([...(held?.modes ?? []), ...application.modes])],
    ...quotaOf(application, held),
    ...addressesOf(application.addresses ?? held?.addresses),
    // an instant, however its zone was written: grants are compared as texts
    validTo: new Date(application.validTo ?? held?.validTo ?? defaultValidTo).toISOString(),
  };
  checkContent(resource, content, application.need === undefined ? held?.items : items);
  const loosened =
    (held?.quota !== undefined && !same(held.quota, content.quota)) ||
    (held?.rows !== undefined && held.rows !== content.rows) ||
    (held?.addresses !== undefined && !same(held.addresses, content.addresses ?? []));
  const guarded = guardedColumns(resource, usedColumns(resource, content));
  const closed = guarded.filter((column) => !held?.items.includes(column));
  const restricted = closed.some((column) => sharingOfColumn(resource, column) === 'none');
  return { content, needsDecision: loosened || guarded.length > 0, loosened, closed, restricted };
}

/** Where every item that needs a basis names its own (R067), they are the basis of the whole. */
function purposeOf(
  resource: CatalogResource,
  { purpose, itemBasis = {} }: Application,
  items: readonly string[],
): GrantContent['purpose'] {
  const guarded = guardedColumns(resource, items);
  if (purpose.legalBasis.trim() !== '' || guarded.some((column) => itemBasis[column] === undefined))
    return purpose;
  return { ...purpose, legalBasis: [...new Set(guarded.map((column) => itemBasis[column]))].join(';') };
}

/** A new row scope stands in place of the held one; an empty one is all rows. */
function rowsOf(
  resource: CatalogResource,
  { rows }: Application,
  held: GrantContent | undefined,
): Pick<GrantContent, 'rows'> {
  const wanted = rows === undefined ? held?.rows : rows.trim() === '' ? undefined : rows;
  const scope = narrowedScope(wanted, undefined, resource);
  return scope === undefined ? {} : { rows: scope };
}

/** None is the same as from anywhere. */
function addressesOf(addresses: readonly string[] = []): Pick<GrantContent, 'addresses'> {
  return addresses.length === 0 ? {} : { addresses: [...addresses].sort() };
}

/** What limits a grant beyond its items, as far as it is limited. */
export function boundsOf({
  rows,
  quota,
  addresses,
}: Pick<GrantContent, 'rows' | 'quota'> & { readonly addresses?: string[] | null }): Pick<
  GrantContent,
  'rows' | 'quota' | 'addresses'
> {
  return { ...(rows !== undefined && { rows }), ...(quota && { quota }), ...(addresses && { addresses }) };
}

/**
 * What is asked for, with a row scope that is no wider, a quota in place of the one asked for, bound by bound, and addresses in place of
 * those asked for.
 */
export function decided(
  resource: CatalogResource,
  asked: GrantContent,
  {
    quota,
    rows,
    addresses,
  }: Pick<GrantContent, 'quota' | 'addresses'> & { readonly rows?: string | undefined },
): GrantContent {
  const scope = rows === undefined ? asked.rows : narrowedScope(asked.rows, rows, resource);
  const { addresses: wanted, ...others } = asked;
  return {
    ...others,
    ...addressesOf(addresses ?? wanted),
    ...(scope !== undefined && { rows: scope }),
    ...(quota && { quota: { ...asked.quota, ...quota } }),
  };
}

/** A new quota stands in place of the held one, bound by bound. */
function quotaOf({ quota }: Application, held: GrantContent | undefined): Pick<GrantContent, 'quota'> {
  const bounds = { ...held?.quota, ...quota };
  return Object.keys(bounds).length > 0 ? { quota: bounds } : {};
}

/** Some of the items asked for, with their masks. */
export function onlyItems(asked: GrantContent, items: readonly string[]): GrantContent {
  const kept = asked.items.filter((column) => items.includes(column));
  const masks = Object.entries(asked.masks).filter(([column]) => kept.includes(column));
  return { ...asked, items: kept, masks: Object.fromEntries(masks) };
}

/**
 * The rules a grant keeps, at application and again at approval, for the catalog may have changed in between. Of items that are not
 * shared it may hold those that a ruling allows or allowed (R138).
 */
export function checkContent(
  resource: CatalogResource,
  content: GrantContent,
  ruled: readonly string[] = [],
): void {
  const { code } = resource;
  const known = new Map(resource.items.map((item) => [item.column, item]));
  const unknown = content.items.filter((column) => !known.has(column));
  if (unknown.length > 0) throw agreementErrors.ITEMS_UNKNOWN({ resource: code, items: list(unknown) });
  const denied = content.items.filter(
    (column) => sharingOf(resource, known.get(column)!) === 'none' && !ruled.includes(column),
  );
  if (denied.length > 0) throw agreementErrors.ITEMS_NOT_SHARED({ resource: code, items: list(denied) });
  checkRows(resource, content);
  admissionOf(content.addresses ?? []);
  const missing = missingKeyItems(resource, content.items);
  if (mergesByKey(content) && missing.length > 0) {
    throw agreementErrors.KEY_ITEMS_MISSING({ resource: code, items: list(missing.map((i) => i.column)) });
  }
  checkMasks(known, content);
  const guarded = guardedColumns(resource, usedColumns(resource, content));
  if (guarded.length > 0 && content.purpose.legalBasis.trim() === '') {
    throw agreementErrors.LEGAL_BASIS_REQUIRED({ resource: code, items: list(guarded) });
  }
}

/** A row that leaves the scope is deleted by its key, also where deliveries end in a folder. */
export function mergesByKey({ modes, rows }: Pick<GrantContent, 'modes' | 'rows'>): boolean {
  return modes.includes('docking') || (rows !== undefined && modes.includes('sftp'));
}

/** A scope fits the resource as it is now; a file has nothing that a condition could look at. */
function checkRows(resource: CatalogResource, { rows }: GrantContent): void {
  if (rows === undefined) return;
  if (holdsFiles(resource)) throw agreementErrors.SCOPE_ON_FILES({ resource: resource.code });
  readScope(rows, resource);
}

/** Items granted, and those the row scope looks at: whether a row is there tells something of them. */
export function usedColumns(resource: CatalogResource, { items, rows }: GrantContent): readonly string[] {
  return rows === undefined ? items : [...items, ...scopeColumns(readScope(rows, resource))];
}

function checkMasks(known: ReadonlyMap<string, CatalogItem>, { items, masks }: GrantContent): void {
  for (const [column, mask] of Object.entries(masks)) {
    const item = known.get(column);
    if (!item || !items.includes(column) || !'CM'.includes(item.type)) {
      throw agreementErrors.MASK_MISPLACED({ item: column });
    }
    if (item.key && mask !== 'pseudonym') throw agreementErrors.KEY_ITEM_MASKED({ item: column, mask });
  }
}

function unconditionalColumns(resource: CatalogResource): readonly string[] {
  const items = resource.items.filter((item) => sharingOf(resource, item) === 'unconditional');
  if (items.length === 0) throw agreementErrors.ITEMS_NONE_UNCONDITIONAL({ resource: resource.code });
  return items.map((item) => item.column);
}

/** Those of the columns that not everybody may have. */
export function guardedColumns(resource: CatalogResource, columns: readonly string[]): readonly string[] {
  return resource.items
    .filter((item) => columns.includes(item.column) && sharingOf(resource, item) !== 'unconditional')
    .map((item) => item.column);
}

function sharingOfColumn(resource: CatalogResource, column: string) {
  const item = resource.items.find((candidate) => candidate.column === column);
  return item && sharingOf(resource, item);
}

/** Columns the resource does not have stay at the end, for the check to name them. */
function inItemOrder(resource: CatalogResource, columns: readonly string[]): string[] {
  const order = resource.items.map((item) => item.column);
  const place = (column: string) => (order.includes(column) ? order.indexOf(column) : order.length);
  return [...new Set(columns)].sort((a, b) => place(a) - place(b));
}

function list(columns: readonly string[]): string {
  return columns.join(', ');
}
