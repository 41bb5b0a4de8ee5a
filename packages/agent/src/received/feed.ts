import type { Problem } from '@qianzhi/model';
import type { Cursor, FeedPage, FeedRecord, FeedSize, RecordValues } from '@qianzhi/plugin-api';

export type { Cursor, FeedPage, FeedRecord, RecordValues };

/**
 * What an exchange whose connector keeps a feed (`type: inbox`) received, for business systems: the changes in order, and the record of
 * each key as it is now. A change shows when its batch is applied whole, in one transaction with its ledger row; a batch that comes
 * twice, or a snapshot that holds what is held already, changes nothing and so shows nothing. Of a new snapshot only the
 * differences show.
 *
 * All but `onAppended` throw QZ_AGENT_FEED_CLOSED (denied) once the access has ended or its lease ran out, QZ_AGENT_FEED_UNKNOWN
 * (not-found) where the exchange is no longer in the config, and what the connector says of its store.
 */
export interface ReceivedFeed {
  readonly exchange: string;
  readonly resource: string;
  /**
   * The changes behind `after`, oldest first. Without it the records as they are now (op `upsert`), and on the pages that follow what
   * changed since. `limit` from 1 to 10,000. Throws QZ_INBOX_CURSOR_GONE (conflict) where changes behind `after` are no longer
   * kept or it is of another feed: who reads then begins anew without a cursor.
   */
  read(after: Cursor | undefined, limit: number): Promise<FeedPage>;
  /** The record of a key, which names every key item; undefined where there is none. Throws QZ_INBOX_KEY_WRONG (data). */
  current(key: RecordValues): Promise<FeedRecord | undefined>;
  /** By which what is there came; undefined while nothing did. */
  agreement(): Promise<string | undefined>;
  /** A place from which the records as they are now are read, whenever that is done: the same page when it is asked for again. */
  beginning(): Promise<Cursor>;
  /** The newest place: who begins there is told only what comes later. */
  end(): Promise<Cursor>;
  /**
   * Calls `listener` when there may be more to read, and when the feed was closed or opened again; until the answered function is
   * called. It may be called when there is nothing new.
   */
  onAppended(listener: () => void): () => void;
}

/** All that is given has to fit. */
export interface FeedWanted {
  readonly exchange?: string | undefined;
  readonly resource?: string | undefined;
  readonly agreement?: string | undefined;
}

export interface FeedInfo extends Partial<FeedSize> {
  readonly exchange: string;
  readonly resource: string;
  /** Of the grant it is read by; undefined before there is one. */
  readonly agreement: string | undefined;
  /** What keeps it from being read now. */
  readonly problem?: Problem;
}

/** The feeds of one agent: one for each exchange that consumes into a connector with feeds. */
export interface ReceivedFeeds {
  list(): Promise<readonly FeedInfo[]>;
  /**
   * The one that all given names fit. Throws QZ_AGENT_FEED_UNKNOWN (not-found) where there is none, QZ_AGENT_FEED_AMBIGUOUS (config)
   * where there are several. It stays good over reloads of the config.
   */
  open(wanted: FeedWanted): ReceivedFeed;
}
