import type { CatalogItem } from '@qianzhi/model';
import type { DiscoverFilter } from '@qianzhi/plugin-api';
import type { SqlCapture } from '../capture/dialect-capture.js';
import type { SqlExchangeTables } from '../exchange-db/dialect-exchange-db.js';
import type { ValueRule } from '../rewrite-rows.js';
import type { LoadKind, SqlSession } from './session.js';
import type { SqlColumn, SqlTable } from './table.js';

/** What the database says of time before an increment is read, as instants `… +00`. */
export interface SqlHorizon {
  /** Its clock: nothing later is read. */
  readonly now: string;
  /** Beginning of the oldest open transaction that may yet commit rows; null: there is none. */
  readonly oldest: string | null;
  /** Whether this user may see the transactions of others. */
  readonly seesOthers: boolean;
}

/** A column of a staged relation and of the target that it is for. */
export interface StagedColumn {
  readonly column: SqlColumn;
  /** The target's column, quoted. */
  readonly name: string;
  /** The staged column: plain. */
  readonly staged: string;
}

/** A merge's two relations: `target t` and `staged s`, joined by key. */
export interface MergeRelations {
  /** Qualified and quoted. */
  readonly target: string;
  readonly staged: string;
  readonly columns: readonly StagedColumn[];
  readonly keys: readonly StagedColumn[];
  /** Condition over `s`. */
  readonly where: string;
}

/** Everything in which SQL of one database differs from that of another. Descriptions and texts; it opens nothing. */
export interface SqlDialect {
  /** As a person knows it: `SQL Server`. */
  readonly product: string;
  quoted(name: string): string;
  /** Name of the at-th place, from 1. */
  place(at: number): string;
  /** Where NULLs come in ascending order. */
  readonly nullsFirst: boolean;
  /** Clause behind a column of an order that says so, where a setting of the server could say otherwise. */
  readonly nullsClause?: string;
  /** Bytes that a name may have. */
  readonly nameBytes: number;
  /** A new table's or column's name, as its users will write it without quotes. */
  newName(name: string): string;
  /** `SELECT list FROM …` that ends after so many rows. `rest` is everything behind the list. */
  limited(list: readonly string[], rest: string, rows: number): string;

  /** Rows of `from` (alias `t`) that nobody else can change until the transaction ends. `rest` is everything behind it. */
  locked(list: readonly string[], from: string, rest: string): string;

  describe(
    session: SqlSession,
    schema: string | undefined,
    table: string,
    signal: AbortSignal,
  ): Promise<SqlTable | undefined>;
  /** All tables and views that this user may read, by name. */
  discover(session: SqlSession, filter: DiscoverFilter, signal: AbortSignal): Promise<readonly SqlTable[]>;

  /** Fetches a column so that no digit is lost: what comes is exact. `name` may be any SQL of the column's type. */
  fetched(column: SqlColumn, name: string): string;
  /** A column of an order, as text (or what the driver gives exactly) that `valueOf` makes a value of again. Undefined: it has no order. */
  keyText(column: SqlColumn, name: string): string | undefined;
  /** Text SQL (a place, a staged column) as a value of the column. */
  valueOf(column: SqlColumn, text: string): string;
  /** Bytes of a value of a large column, no less than its row text would have in UTF-8 divided by four. */
  sizeOf(column: SqlColumn, name: string): string;
  horizon(session: SqlSession, signal: AbortSignal): Promise<SqlHorizon>;

  /** Type of a new column for an item. `key`: it is part of the primary key. */
  typeFor(item: CatalogItem, key: boolean): string;
  /** Types of our own tables: text of at most 100 characters, `long` of at most 400 that may be a key, integers of 64 bits. */
  readonly ownTypes: { readonly text: string; readonly long: string; readonly integer: string };
  /** A rule beyond those of the column's family: what the database would change without a word. */
  ruleFor(item: CatalogItem, column: SqlColumn): ValueRule | undefined;
  /** How values for a column are staged, and the SQL type that holds them. */
  stageAs(column: SqlColumn): { readonly kind: LoadKind; readonly type: string };
  /**
   * Makes a staged relation. `session`: what it holds is this session's alone and is gone after it, or before. `kept`: a table like
   * any other.
   */
  stageDdl(name: string, life: 'session' | 'kept', columns: readonly string[]): string;
  /** A session's relation as statements name it. */
  sessionStage(schema: string, name: string): string;
  /** Relations of a session are objects that stay when it ends, empty for everyone else. */
  readonly stagesStay: boolean;
  emptyStage(name: string): string;
  dropTable(name: string): string;
  /** `SELECT supplier …` for a row of the table of targets that no one else can write until the transaction ends. */
  lockedSupplier(targets: string, where: string): string;
  /** Rows whose values the database would refuse or change: row number, position among the columns, reason. */
  badRows(relations: MergeRelations): string | undefined;
  /** Rows of `t` that the staged rows name, compared byte by byte. */
  deleteStaged(relations: MergeRelations): string;
  /** Rows of `t` that no staged row names. */
  deleteMissing(relations: MergeRelations): string;
  /** Rows of `t` that are in `s` and differ. */
  update(relations: MergeRelations): string;
  /** Rows of `s` that are not in `t`. */
  insert(relations: MergeRelations): string;
  /** Left out: changes of its tables are not captured. */
  readonly capture?: SqlCapture;
  /** Left out: it makes no tables of a 前置库. */
  readonly exchangeTables?: SqlExchangeTables;
}

/** Name with its schema, quoted. */
export function qualified(
  dialect: Pick<SqlDialect, 'quoted'>,
  schema: string | undefined,
  name: string,
): string {
  return schema === undefined || schema === ''
    ? dialect.quoted(name)
    : `${dialect.quoted(schema)}.${dialect.quoted(name)}`;
}

/** Collects the values of a statement's places in their order. */
export function createPlaces(dialect: Pick<SqlDialect, 'place'>) {
  const values: (string | number | Buffer | null)[] = [];
  return {
    values,
    add(value: string | number | Buffer | null): string {
      values.push(value);
      return dialect.place(values.length);
    },
  };
}
export type Places = ReturnType<typeof createPlaces>;
