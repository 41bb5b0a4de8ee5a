import type { CatalogResource, MaskRule } from '@qianzhi/model';

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
 * Compiles a grant into a projector over bytes. Throws QZ_ROWS_GRANT (config) for a column the resource does
 * not have, a mask that does not fit the item's type, or a missing pseudonym key.
 */
export function compileProjector(
  _resource: CatalogResource,
  _columns: readonly string[],
  _options?: ProjectorOptions,
): RowProjector {
  throw new Error('comes with the next commit');
}

/** The resource as the consumer sees it: granted items, masked ones with the type and checks that still hold. */
export function projectedResource(
  _resource: CatalogResource,
  _columns: readonly string[],
  _masks?: Readonly<Record<string, MaskRule>>,
): CatalogResource {
  throw new Error('comes with the next commit');
}
