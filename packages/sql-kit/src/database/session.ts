/** A value as a driver gives it. Numbers are exact: what a double cannot hold comes as text. */
export type SqlCell = string | number | bigint | boolean | Buffer | null;
export type SqlRow = readonly SqlCell[];
/** What stands for a place of a statement. */
export type SqlBind = string | number | Buffer | null;

export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** Rows that the statement wrote. */
  readonly count: number;
}

/** How a value of a staged column is sent. `double` is sent as a number, so that no text can round it. */
export type LoadKind = 'integer' | 'double' | 'text' | 'long-text' | 'binary';

export interface LoadColumn {
  /** Plain: made of letters, digits and `_` by ourselves. */
  readonly name: string;
  readonly kind: LoadKind;
}

/** A row that the loader did not take: its position among those given, from 0. */
export interface UnloadedRow {
  readonly at: number;
  readonly reason: string;
}

/**
 * One connection to a database, used by one reader or writer at a time. Everything it throws is a QianzhiError; a statement that
 * is refused because of a row throws QZ_SQL_ROW_REFUSED with `reason` in its details, and leaves the transaction usable.
 * After an abort by `signal` the statement has ended on the server, or the connection is closed.
 */
export interface SqlSession extends AsyncDisposable {
  /** Host and database, as a person knows them. */
  readonly server: string;
  query(sql: string, binds: readonly SqlBind[], signal: AbortSignal): Promise<SqlResult>;
  /** Rows as they come, some at a time; the server is held up while nobody asks. Leaving the loop ends the statement. */
  stream(sql: string, binds: readonly SqlBind[], signal: AbortSignal): AsyncIterable<readonly SqlRow[]>;
  /** Loads rows by the driver's bulk way. Rows that alone could not be loaded are answered. */
  load(
    table: string,
    columns: readonly LoadColumn[],
    rows: Iterable<SqlBind[]>,
    signal: AbortSignal,
  ): Promise<readonly UnloadedRow[]>;
  /** `read`: all that follows sees one moment, and nothing can be written. */
  begin(kind: 'read' | 'write', signal: AbortSignal): Promise<void>;
  commit(signal: AbortSignal): Promise<void>;
  /** Never throws: what a lost connection had open is rolled back by the server. */
  rollback(): Promise<void>;
  savepoint(signal: AbortSignal): Promise<void>;
  rollbackToSavepoint(signal: AbortSignal): Promise<void>;
}
