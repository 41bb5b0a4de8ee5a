/** What a block holds. `rows` is the sum of the others. */
export interface RowCounts {
  readonly rows: number;
  readonly snapshots: number;
  readonly upserts: number;
  readonly deletes: number;
}

/**
 * Checks a whole block of row text: complete rows, valid ops, exactly op + `fields` fields in each, only the
 * four escapes and `\N`, no raw CR, valid UTF-8, no U+0000. Throws QZ_ROWS_MALFORMED (integrity) naming row and field
 * by number, never a value.
 */
export function scanRows(_bytes: Uint8Array, _fields: number): RowCounts {
  throw new Error('comes with the next commit');
}
