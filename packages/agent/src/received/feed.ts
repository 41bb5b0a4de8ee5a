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
  /** Sequence of the delivery that brought it; 0 of a `reset`. */
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

/**
 * What an exchange with `connector: api` received, for business systems: the changes in order, and the record of each key as it
 * is now. A change shows when its batch is applied whole, with its ledger row, in one transaction; a batch that comes twice, or a
 * snapshot that holds what is held already, changes nothing and so shows nothing. Of a new snapshot only the differences show.
 *
 * Kept are the newest change of each key, and older ones and deletes as long and as many as the exchange's target says.
 *
 * All but `onAppended` throw QZ_AGENT_FEED_CLOSED (denied) once the access has ended or its lease ran out, QZ_AGENT_FEED_GONE
 * (not-found) where the exchange is no longer in the config, QZ_AGENT_RECEIVED_* where the store cannot be read.
 */
export interface ReceivedFeed {
  readonly exchange: string;
  readonly resource: string;
  /**
   * The changes behind `after`, oldest first; without it all that are kept, which are the current records and what is known of the
   * changes before them. `limit` from 1 to 10,000. Throws QZ_AGENT_FEED_CURSOR_GONE (conflict) where changes behind `after` are no longer kept
   * or it is of another feed: who reads then begins anew without a cursor.
   */
  read(after: Cursor | undefined, limit: number): Promise<FeedPage>;
  /** The record of a key, which names every key item; undefined where there is none. Throws QZ_AGENT_FEED_KEY_WRONG (data). */
  current(key: RecordValues): Promise<FeedRecord | undefined>;
  /** The newest place: `read(end)` then answers only what comes later. */
  end(): Promise<Cursor>;
  /**
   * Calls `listener` after there is more to read, and when the feed is closed or opened again; until the answered function is
   * called. It may be called when there is nothing new.
   */
  onAppended(listener: () => void): () => void;
}

export interface FeedWanted {
  readonly exchange?: string | undefined;
  readonly resource?: string | undefined;
  readonly agreement?: string | undefined;
}

export interface FeedInfo {
  readonly exchange: string;
  readonly resource: string;
  /** Of the grant it is read by; undefined before there is one. */
  readonly agreement: string | undefined;
  readonly records: number;
  readonly changes: number;
  readonly bytes: number;
  readonly limitBytes: number;
  /** Why it cannot be read now. */
  readonly closed?: 'revoked' | 'lease-expired' | undefined;
}

/** The feeds of one agent: one for each exchange that consumes with `connector: api`. */
export interface ReceivedFeeds {
  list(): readonly FeedInfo[];
  /**
   * The one that all given names fit. Throws QZ_AGENT_FEED_UNKNOWN (not-found) where there is none, QZ_AGENT_FEED_AMBIGUOUS
   * (config) where there are several. It stays good over reloads of the config.
   */
  open(wanted: FeedWanted): ReceivedFeed;
}
