import { type CatalogResource, type MaskRule, projectResource } from '@qianzhi/model';
import { rowsErrors } from '../errors.js';
import { escapeText, unescapeText } from '../field-text.js';
import { grantProblems } from '../problems.js';
import { type Mask, maskedItem, pseudonymMask, textMasks } from './masks.js';
import { projectionOf } from './projection.js';

export interface ProjectorOptions {
  /** By column; columns without a rule are shown in clear. */
  readonly masks?: Readonly<Record<string, MaskRule>>;
  /** Needed where a mask is `pseudonym`: 32 bytes, one for each agreement. */
  readonly pseudonymKey?: Uint8Array;
}

export interface RowProjector {
  /** Granted columns, in item order. */
  readonly columns: readonly string[];
  /** True when all items are granted in clear: `project` answers the block itself. */
  readonly identity: boolean;
  /** Rows are as many and in the same order. The block's form was checked before (`scanRows`). */
  project(block: Uint8Array): Uint8Array;
}

/**
 * Compiles a grant into a projector over bytes. Null stays null under every mask. Throws QZ_ROWS_GRANT
 * (config) for a column the resource does not have, a mask that does not fit the item's type, or a missing
 * pseudonym key.
 */
export function compileProjector(
  resource: CatalogResource,
  columns: readonly string[],
  options: ProjectorOptions = {},
): RowProjector {
  const granted = new Set(columns);
  const masks = masksOf(resource, granted, options);
  const shown = resource.items.filter((item) => granted.has(item.column)).map((item) => item.column);
  const identity = shown.length === resource.items.length && masks.size === 0;
  const replace = (item: number, fieldText: string) => escapeText(masks.get(item)!(unescapeText(fieldText)));
  const projection = projectionOf(
    resource.items.map((item, index) => {
      if (!granted.has(item.column)) return 'skip';
      return masks.has(index) ? 'mask' : 'copy';
    }),
    replace,
  );
  return { columns: shown, identity, project: (block) => (identity ? block : projection(block)) };
}

function masksOf(
  resource: CatalogResource,
  granted: ReadonlySet<string>,
  { masks = {}, pseudonymKey }: ProjectorOptions,
): ReadonlyMap<number, Mask> {
  const wrong = (column: string, problem: keyof typeof grantProblems) =>
    rowsErrors.GRANT({ resource: resource.code, column, ...grantProblems[problem] });
  const found = new Map<number, Mask>();
  for (const column of [...granted, ...Object.keys(masks)]) {
    if (!resource.items.some((item) => item.column === column)) throw wrong(column, 'unknown');
  }
  resource.items.forEach(({ column, type }, index) => {
    const rule = Object.hasOwn(masks, column) ? masks[column] : undefined;
    if (rule === undefined || !granted.has(column)) return;
    if (rule === 'pseudonym') {
      if (!pseudonymKey || pseudonymKey.length < 32) throw wrong(column, 'key');
      found.set(index, pseudonymMask(pseudonymKey));
    } else {
      if (type !== 'C' && type !== 'M') throw wrong(column, 'type');
      found.set(index, textMasks[rule]);
    }
  });
  return found;
}

/** The resource as the consumer sees it: granted items, masked ones with the type and rules that still hold. */
export function projectedResource(
  resource: CatalogResource,
  columns: readonly string[],
  masks: Readonly<Record<string, MaskRule>> = {},
): CatalogResource {
  const projected = projectResource(resource, columns);
  const shown = new Set(columns);
  return {
    ...projected,
    items: projected.items.map((item) => {
      if (Object.hasOwn(masks, item.column)) return maskedItem(item, masks[item.column]!);
      if (item.idTypeColumn === undefined || shown.has(item.idTypeColumn)) return item;
      // the item that decides whether the number is checked was not granted
      const { idTypeColumn, schemes, ...rest } = item;
      return rest;
    }),
  };
}
