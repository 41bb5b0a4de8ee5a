import type { RowOp } from './op.js';

/**
 * Writes row text into one growing buffer, field by field and without a row object. For connectors that
 * get arrays or buffers from a driver. Values are copied as they are: a lone surrogate becomes bytes that
 * are no UTF-8 and U+0000 stays, so that the validator rejects such a row with its number and item.
 */
export interface RowWriter {
  /** Complete rows since the last `take`. */
  readonly rows: number;
  /** Length so far, the current row included. */
  readonly bytes: number;
  begin(op: RowOp): void;
  /** A value as text; escapes are added. Null becomes `\N`. */
  text(value: string | null): void;
  /** A value as UTF-8 bytes from `start` to `end`; escapes are added. */
  utf8(value: Uint8Array, start?: number, end?: number): void;
  /** A field that is row text already (escaped, or `\N`); copied untouched. */
  field(value: Uint8Array, start?: number, end?: number): void;
  /** G: `\\x` and lower-case hex. */
  binary(value: Uint8Array | null): void;
  /** L: `t` or `f`. */
  bool(value: boolean | null): void;
  null(): void;
  /** Ends the row. */
  end(): void;
  /** Drops the row begun and not ended. */
  drop(): void;
  /** The complete rows as a buffer of their own; the writer starts empty again. Drops an unfinished row. */
  take(): Uint8Array;
}

export function createRowWriter(_initialBytes = 64 * 1024): RowWriter {
  throw new Error('comes with the next commit');
}
