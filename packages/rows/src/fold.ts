export interface Folded {
  /** The same buffer when nothing was folded. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** Rows left out, because a later row has the same key. */
  readonly folded: number;
}

/**
 * Keeps the last row of each key, in the order of last occurrence. `keyFields` are the key's positions
 * among the items, from 0 (the op field is not counted). With no key fields nothing is folded.
 */
export function foldRows(_bytes: Uint8Array, _keyFields: readonly number[]): Folded {
  throw new Error('comes with the next commit');
}
