/** A place in a feed: opaque text, good for as long as the feed keeps what came after it, over restarts and updates. */
export type Cursor = string;

/** Values of a record by item column, as canonical text (design: rows on the wire); null is NULL. */
export type RecordValues = Readonly<Record<string, string | null>>;

/**
 * One change of the received records, in the order it was applied. `reset` says that whatever was read before is void, because
 * the access it came by has ended and another one began: what follows is whole. Its `key` and `values` are empty.
 */
export interface FeedRecord {
  readonly cursor: Cursor;
  readonly op: 'upsert' | 'delete' | 'reset';
  /** Values of the key items. */
  readonly key: RecordValues;
  /** Of an `upsert` all granted items, else empty. */
  readonly values: RecordValues;
  /** Sequence of the delivery that brought it. */
  readonly deliverySeq: number;
  /** When it was applied here, ISO. */
  readonly at: string;
}

export interface FeedPage {
  /** At most `limit`, and of about 4 MiB at most; at least one where there is any. */
  readonly records: readonly FeedRecord[];
  /** Where to go on: behind the last record, or the place that was asked for where there is none. */
  readonly next: Cursor;
  /** Whether there was nothing more after `records` when it was read. */
  readonly end: boolean;
}

/** What `sink` of an exchange has written, as a feed of changes. Opened for reading beside the sink, which may be writing. */
export interface OpenFeed extends AsyncDisposable {
  /**
   * The changes behind `after`, oldest first. Without it the records as they are now, and what changed since on the pages that follow.
   * Throws a coded error (conflict) where changes behind `after` are no longer kept or it is of another feed: who reads then begins
   * anew without a cursor.
   */
  read(after: Cursor | undefined, limit: number): FeedPage;
  /** The record of a key, which names every key item; undefined where there is none. Throws a coded error (data) for another shape. */
  current(key: RecordValues): FeedRecord | undefined;
  /** A place from which the records as they are now are read, whenever that is done. */
  beginning(): Cursor;
  /** The newest place. */
  end(): Cursor;
  /** By what access the records came; cheap enough to be asked before each page. */
  access(): FeedAccess;
  size(): FeedSize;
  /** Forgets all records and changes for good; what comes by another access begins with a `reset`. The ledger stays. */
  erase(signal: AbortSignal): Promise<void>;
}

export interface FeedAccess {
  /** The newest grant version of each agreement. */
  readonly grants: readonly { readonly agreement: string; readonly grantVersion: number }[];
  /** Records were erased, and nothing has come since. */
  readonly erased: boolean;
}

export interface FeedSize {
  /** As they are now. */
  readonly records: number;
  /** Of those and all changes kept. */
  readonly bytes: number;
  readonly limitBytes: number;
}
