import type { ItemType, QianzhiError, ReadStrategy } from '@qianzhi/model';
import type { TSchema } from '@qianzhi/model/schema';
import type { ConnectorCapabilities } from './capabilities.js';
import type { Capture } from './capture.js';
import type { PluginContext } from './context.js';
import type { ExchangeDb } from './exchange-db.js';
import type { OpenFeed } from './feed.js';
import type { OpenPushes } from './pushes.js';
import type { OpenQuery, QuerySpec } from './query.js';
import type { FileSink, ReadBack, ReadBackSpec, Sink, SinkSpec } from './sink.js';
import type { Alongside, Source, SourceSpec } from './source.js';

/** A kind of database or folder. Pure description and one factory; nothing happens on import. */
export interface Connector {
  readonly kind: 'connector';
  /** Schema of the connection config. Secret fields carry `secret: true` and are never shown. */
  readonly configSchema: TSchema;
  /** Schema of an exchange's `source` (table, columns, watermark …). */
  readonly sourceSchema: TSchema;
  /** Schema of an exchange's `target`. */
  readonly targetSchema: TSchema;
  readonly capabilities: ConnectorCapabilities;
  /** Opens a connection. `config` has passed `configSchema` and holds resolved secrets. */
  open(config: unknown, context: PluginContext, signal: AbortSignal): Promise<Connection>;
}

/** One open connection (or pool). Dispose closes everything it opened. */
export interface Connection {
  /**
   * Proves that address, login and permissions work; throws the coded error a person can act on. Of what `followers` share, where
   * there are any, it says who holds it back.
   */
  check(signal: AbortSignal, followers?: Alongside): Promise<CheckReport>;
  discover(filter: DiscoverFilter, signal: AbortSignal): Promise<readonly TableDescription[]>;
  /**
   * Opens a source after checking table, columns, types and permissions against the catalog resource.
   * Throws a coded config error naming the table or item that does not fit (drift: compare `discover`). It pauses a stream that
   * has begun; its detail `remedy`, in both languages, is then what a person is told to do before the stream is resumed: to put
   * the table back, unless told.
   */
  source(spec: SourceSpec, signal: AbortSignal): Promise<Source>;
  /**
   * Gives up whatever the database keeps of its log for sources of `former`, and none of `now` needs: an exchange was taken out of the
   * config. Waits for a source that still reads; may be repeated. A connector for which nothing is kept leaves it out.
   */
  endLog?(former: Alongside, now: Alongside, signal: AbortSignal): Promise<void>;
  sink(spec: SinkSpec, signal: AbortSignal): Promise<Sink>;
  /** A target for a resource of files (`content: files`); only where the capabilities say `files`. */
  fileSink?(spec: SinkSpec, signal: AbortSignal): Promise<FileSink>;
  /**
   * What works with `source(spec)`, but not as its owner may expect: nothing there to read yet, a right that is missing later.
   * Throws what `source` would. Reads no row.
   */
  trySource?(spec: SourceSpec, signal: AbortSignal): Promise<readonly CheckNote[]>;
  /**
   * Proves that `sink(spec)` and a first write could make or fit what they need, and undoes whatever it did to find out: the
   * doctor asks while others work. Throws what `sink` would; answers what will do, but may cost rows. A connector that cannot
   * undo leaves it out.
   */
  tryTarget?(spec: SinkSpec, signal: AbortSignal): Promise<readonly CheckNote[]>;
  /**
   * Opens what `sink(spec)` has written, as it stands there now, for a reconciliation: rows of the named supplier only, columns
   * and constants mapped back. Changes nothing. A connector that cannot read its targets leaves it out.
   */
  readBack?(spec: ReadBackSpec, signal: AbortSignal): Promise<ReadBack>;
  /** Only where tables can be made to record their own changes. */
  readonly capture?: Capture;
  /** Only where it can make tables of a 前置库 (交换信息库) in its database. */
  readonly exchangeDb?: ExchangeDb;
  /**
   * Only where the capabilities say `query`. Prepares a question and proves that it can be asked: table, columns and types fit, the
   * database takes the statement. Throws a coded config error naming what does not fit. Reads no row.
   */
  query?(spec: QuerySpec, signal: AbortSignal): Promise<OpenQuery>;
  /** Only where the capabilities say `feed`: what `sink(spec)` wrote, as changes in order. */
  feed?(spec: Pick<SinkSpec, 'exchange' | 'target'>, signal: AbortSignal): Promise<OpenFeed>;
  /** Only where business systems may push the records that `source(spec)` reads; they may, whether a source is open or not. */
  pushes?(spec: SourceSpec, signal: AbortSignal): Promise<OpenPushes>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CheckReport {
  readonly server: string;
  readonly version: string;
  /** What was proven and what is weaker than it should be, for a person to read. */
  readonly notes: readonly CheckNote[];
}

export interface CheckNote {
  readonly level: 'ok' | 'warning';
  readonly zh: string;
  readonly en: string;
  /** Says by code what a warning is and what to do about it. */
  readonly error?: QianzhiError;
  /** Matters only to a source read this way; of no interest where no exchange does. */
  readonly strategy?: ReadStrategy;
}

export interface DiscoverFilter {
  readonly schema?: string;
  readonly table?: string;
}

export interface TableDescription {
  readonly schema: string | null;
  readonly table: string;
  readonly kind: 'table' | 'view' | 'file';
  /** The database's own estimate or count; null where it has none. */
  readonly rows: number | null;
  readonly comment: string | null;
  readonly columns: readonly ColumnDescription[];
  readonly primaryKey: readonly string[];
  /**
   * Leading columns of the indexes that find rows by a range of values, the primary key's among them; from them a strategy is
   * proposed. Left out by a connector that cannot tell, empty where there is none.
   */
  readonly indexed?: readonly string[];
}

export interface ColumnDescription {
  readonly name: string;
  /** The database's own name of the type. */
  readonly nativeType: string;
  /** The catalog type that fits; null where none does. */
  readonly type: ItemType | null;
  readonly length: number | null;
  readonly precision: number | null;
  readonly scale: number | null;
  readonly nullable: boolean;
  readonly comment: string | null;
}
