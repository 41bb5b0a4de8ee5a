/** Where stored bytes lie: a file of the batch store, from an offset on. The database's index keeps it. */
export interface StoredLocation {
  /** Path below the store's folder: `files/<id>.zst` or `segments/<id>.seg`. */
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}
