import type { RowOp } from './op.js';

export interface DecodedRow {
  readonly op: RowOp;
  readonly fields: readonly (string | null)[];
}

/** Rows of a block whose form was checked before (`scanRows`), as values. For sinks and tests. */
export function decodeRows(_bytes: Uint8Array): IterableIterator<DecodedRow> {
  throw new Error('comes with the next commit');
}

/**
 * The fast way to values: calls `onRow` for each row with op and fields. The array is new for each row.
 * The block's form was checked before (`scanRows`).
 */
export function readRows(
  _bytes: Uint8Array,
  _onRow: (op: RowOp, fields: (string | null)[], row: number) => void,
): number {
  throw new Error('comes with the next commit');
}

/** The value of one field's row text: null for `\N`, escapes resolved. */
export function decodeField(_field: Uint8Array): string | null {
  throw new Error('comes with the next commit');
}

/** The bytes of a G value (`\x…` as decoded text). */
export function binaryOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex');
}

/** Where rows start: one entry for each row and a last one with the block's length. */
export function rowOffsets(_bytes: Uint8Array): Uint32Array {
  throw new Error('comes with the next commit');
}
