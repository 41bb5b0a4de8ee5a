import type { CatalogResource } from '@qianzhi/model';
import type { Validation } from './validation.js';

export interface RowValidator {
  /** Fields of a row without the op field. */
  readonly fields: number;
  /**
   * Checks a block of complete rows. A bad row is cut out and reported, never fatal. Throws only
   * QZ_ROWS_MALFORMED when the block does not end with LF.
   */
  validate(block: Uint8Array): Validation;
}

export interface ValidatorOptions {
  /** A longer row is rejected; `rowLimits.rowBytes` unless told. */
  readonly rowBytes?: number;
}

/**
 * Compiles a resource's schema version into one unrolled validator over bytes. Throws QZ_ROWS_RESOURCE
 * (config) when the resource contradicts itself: a pattern that does not compile, a code table that is
 * missing, a limit that is no value of its type.
 */
export function compileValidator(_resource: CatalogResource, _options?: ValidatorOptions): RowValidator {
  throw new Error('comes with the next commit');
}
