import type { CatalogResource } from '@qianzhi/model';

/**
 * One file of row text: a zstd frame or plain, told by its first bytes. `rows` and `bytesDigest` are what its manifest
 * says. DuckDB reads a cut or flipped zstd frame without complaint: the row count finds most of that,
 * only the digest finds all, so give it wherever there is one.
 */
export interface RowFile {
  readonly path: string;
  readonly rows: number;
  readonly bytesDigest?: string;
  /** Size of a frame's content, if known: no line is larger, so reading takes less memory. A wrong one is ROWS_BROKEN at most. */
  readonly rawBytes?: number;
}

export interface DiffRequest {
  /** Gives field order and key items; the files' schema version. */
  readonly resource: CatalogResource;
  /** Rows (op `S`) of the last receipted state. Empty when there is none yet: everything is new then. */
  readonly baseline: readonly RowFile[];
  /** Rows (op `S`) of the complete, validated, current copy. */
  readonly candidate: readonly RowFile[];
  /**
   * Keys whose rows were rejected this time, as `D` rows (key fields filled, all others `\N`; repeats are
   * harmless): such a key is not gone, so no delete is written for it.
   */
  readonly rejected?: readonly RowFile[];
  /** Folder for the result; must not exist, its parent must, on the file system of the work folder. */
  readonly output: string;
}

/** A plain file of whole rows, about 4 MiB. */
export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface DiffCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  /** Baseline keys absent from the candidate but rejected now: no delete was written for them. */
  readonly heldBack: number;
  readonly baselineRows: number;
  readonly candidateRows: number;
}

export interface DiffResult {
  /** inserted + updated `U` rows and deleted `D` rows, each key once, in byte order of the key's row text. */
  readonly delta: readonly WrittenFile[];
  /**
   * The baseline rows (op `S`) of the keys held back. The next baseline is the candidate's files plus these: without
   * them a row that is deleted while it is invalid would stay at the consumers for ever.
   */
  readonly carried: readonly WrittenFile[];
  readonly counts: DiffCounts;
}

export interface CompareRequest {
  readonly resource: CatalogResource;
  readonly a: readonly RowFile[];
  readonly b: readonly RowFile[];
}

/** aRows = onlyInA + differing + equal; bRows = onlyInB + differing + equal. Without key items nothing differs. */
export interface Comparison {
  readonly aRows: number;
  readonly bRows: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
  /** Keys on both sides with other content. */
  readonly differing: number;
  readonly equal: number;
}
