import type { CatalogItem, CatalogResource } from '@qianzhi/model';
import type { RowRejection } from './rejection.js';

/** What is asked of a database again and again, with other values: from the agent's local config. */
export interface QuerySpec {
  /** With the items that are answered, in the field order of the answer. */
  readonly resource: CatalogResource;
  /** What values are given, by name (`column`) and type. */
  readonly parameters: readonly CatalogItem[];
  readonly place: QueryPlace;
  /** Ends a statement in the database. */
  readonly timeoutMs: number;
}

/**
 * `lookup`: rows of a table whose columns equal the parameters that are given; `source` has passed the connector's `sourceSchema`;
 * `by` names the column of each parameter. `statement`: one SELECT, its parameters written `:name`, its columns named as
 * the items are.
 */
export type QueryPlace =
  | { readonly kind: 'lookup'; readonly source: unknown; readonly by: Readonly<Record<string, string>> }
  | { readonly kind: 'statement'; readonly statement: string };

export interface QueryLimits {
  /** One row more is looked for, so that it is known whether these were all. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** Of several sets of values: `maxRows` bounds each set, the others all of them together. */
export interface EachLimits extends QueryLimits {
  readonly maxRowsInAll: number;
}

export interface QueryRows {
  /** Row text with op S, in the field order of the spec's resource. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  /** The bound that kept further rows out; undefined: these are all. */
  readonly stoppedBy: 'rows' | 'bytes' | undefined;
  /** Rows that have no row text. */
  readonly rejected: readonly RowRejection[];
}

/**
 * A prepared question with a database session of its own that cannot write. Values are bound, never made part of a statement.
 * Not for concurrent use: one `run` at a time.
 */
export interface OpenQuery {
  /**
   * Runs it with the values of the spec's parameters, in their order; null: not given. Values come exactly as a source's do. `signal`
   * ends the statement in the database, and the question with it; whatever it throws, it is to be disposed afterwards
   * unless `usable`.
   */
  run(values: readonly (string | null)[], limits: QueryLimits, signal: AbortSignal): Promise<QueryRows>;
  /**
   * The same with several sets of values, in as few statements and round trips as the database allows. Answers each set as `run`
   * would, in their order; where a bound of all of them was reached, the set that reached it is the last.
   */
  runEach(
    sets: readonly (readonly (string | null)[])[],
    limits: EachLimits,
    signal: AbortSignal,
  ): Promise<readonly QueryRows[]>;
  /** May be run again. */
  readonly usable: boolean;
  [Symbol.asyncDispose](): Promise<void>;
}
