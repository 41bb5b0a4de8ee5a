/**
 * The key of a row: row text of its key fields, joined by TAB. Equal keys have equal text, because row text
 * is canonical. It holds row values: never log it, store its keyed digest.
 */
export function keyOf(_row: Uint8Array, _keyFields: readonly number[]): string {
  throw new Error('comes with the next commit');
}

/** Calls `onKey` with the key of each row of a block, in order. `row` counts from 0. */
export function readKeys(
  _bytes: Uint8Array,
  _keyFields: readonly number[],
  _onKey: (key: string, row: number) => void,
): void {
  throw new Error('comes with the next commit');
}
