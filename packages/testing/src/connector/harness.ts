import type { CatalogResource, ErrorKind, ReadStrategy } from '@qianzhi/model';
import type { Connector } from '@qianzhi/plugin-api';

/** The groups of the connector contract, in the order they are run. */
export const contractGroups = [
  'describe',
  'check',
  'discover',
  'values',
  'snapshot',
  'watermark',
  'flag',
  'change-table',
  'log',
  'confirm',
  'abort',
  'sink-merge',
  'sink-snapshot',
  'sink-parts',
  'sink-reject',
  'files',
  'drift',
  'query',
  'secrets',
] as const;
export type ContractGroup = (typeof contractGroups)[number];

/** One row as canonical texts (design: rows on the wire) in item order, unescaped, without op; null is NULL. */
export type RowTexts = readonly (string | null)[];

/**
 * What a plugin brings to be judged by the contract. Everything the suite cannot know of a database is here, done with
 * the database's own driver or files, never through the connector under test.
 */
export interface ConnectorHarness {
  readonly name: string;
  readonly connector: Connector;
  /**
   * What the connector does not do, by group, each with the reason for a reader. The suite then asserts that it is
   * refused with a coded config error. It fails where this and `connector.capabilities` disagree, so nothing
   * stops being tested silently. May hold `snapshot`, `watermark`, `change-table`, `sink-merge`, `sink-snapshot`,
   * `sink-parts` (one part at a time), `sink-reject` (the target cannot refuse a single row) and `secrets` (the config holds no secret).
   */
  readonly unsupported: Partial<Record<ContractGroup, string>>;
  /**
   * Values (by the name of their vector, see `valueVectors`) that the database cannot hold, with the reason. They
   * must be refused with a code or rejected row by row, never carried in another form.
   */
  readonly unsupportedValues?: Readonly<Record<string, string>>;
  /** Makes an empty, private database or folder. Called for each test; disposed after it. */
  openSite(): Promise<ConnectorSite>;
}

export interface ConnectorSite {
  /** Connection config that works, secrets in clear as the agent would resolve them. */
  readonly config: unknown;
  /** The password inside `config`, at least 8 characters; null only with `unsupported.secrets`. */
  readonly secret: string | null;
  /** Configs that pass the schema but must fail in `open` or `check`: wrong login, wrong path, nobody listening. */
  readonly wrongConfigs: readonly WrongConfig[];
  /** A source and a target that name a table that does not exist (and is not to be created). */
  readonly missing: { readonly source: unknown; readonly target: unknown };
  /** Makes a table that fits the resource, keyed by its key items (none: no key), and fills it. */
  createTable(resource: CatalogResource, options?: TableOptions): Promise<TestTable>;
  /** Makes an empty place for files, both source and target; needed where the capabilities say `files`. */
  createFolder?(): Promise<TestFolder>;
  /** The database's own clock plus an offset, as canonical text of a T item as the table's columns hold it. */
  clock(offsetMs: number): Promise<string>;
  /** Runs a statement as the legacy program does; needed by `describeCapture`. */
  run?(sql: string): Promise<void>;
  /** Needed where the capabilities say `query`. */
  readonly asking?: SiteAsking;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Statements of query services over a table, in the words of the database; each answers all columns of the table, under their names. */
export interface SiteAsking {
  /** Rows whose `id` is `:id`. */
  byId(table: TestTable): string;
  /** The same, and computes or waits for more than a minute before it answers. */
  endless(table: TestTable): string;
  /** Statements of `endless` that run in the database now. */
  running(): Promise<number>;
  /** Deletes every row where the database does what it says. */
  deleting(table: TestTable): Promise<string>;
}

export interface WrongConfig {
  readonly name: string;
  readonly config: unknown;
  /** Kinds of error that are right for it, such as auth, not-found, unavailable, config. */
  readonly kinds: readonly ErrorKind[];
}

export interface TableOptions {
  /** Rows that are there from the start, before any change capture. */
  readonly rows?: readonly RowTexts[];
  /** Records every later insert, update and delete for strategy `change-table`. */
  readonly changeTable?: boolean;
  /** Has a pick-up column `flagColumn` beside the resource's: 0 in a row that was written, as every write of `TestTable` sets it again. */
  readonly flag?: boolean;
  /** The table refuses a row whose `column` holds exactly `value` (check constraint, trigger). */
  readonly refuse?: { readonly column: string; readonly value: string };
}

export interface TestTable {
  /** Name as `discover` reports it. */
  readonly name: string;
  /**
   * The exchange's `source` for a strategy. `watermark`: column `updated_at`, with an overlap of `overlapMs`.
   * `change-table`: the table made by `changeTable`. `flag`: column `flagColumn`, 0 pending, 1 done.
   */
  source(strategy: ReadStrategy): unknown;
  /** The exchange's `target` for writing into this table. */
  readonly target: unknown;
  insert(rows: readonly RowTexts[]): Promise<void>;
  /** Replaces whole rows by their key, in one transaction. */
  update(rows: readonly RowTexts[]): Promise<void>;
  /** Deletes by the key of each row. */
  remove(rows: readonly RowTexts[]): Promise<void>;
  /** Gives one row another key (and other values) in one statement; needed where the capabilities name `log`. */
  changeKey?(from: RowTexts, to: RowTexts): Promise<void>;
  /** Empties it by the statement that the database has for it; needed where the capabilities name `log`. */
  truncate?(): Promise<void>;
  /** Every row, in any order, read back by the driver. */
  readAll(): Promise<readonly RowTexts[]>;
  /** Changes recorded, or rows flagged, and not yet confirmed away; 0 without a change table or a pick-up column. */
  pendingChanges(): Promise<number>;
}

export interface TestFolder {
  /** The exchange's `source` for strategy `files`; what is read and confirmed leaves the place. */
  readonly source: unknown;
  /** The exchange's `target` for files; another place than the source's. */
  readonly target: unknown;
  /** Puts a finished file in place. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Every file that shows at the target. */
  received(): Promise<Readonly<Record<string, Uint8Array>>>;
}

/** Overlap that `TestTable.source('watermark')` asks for. */
export const overlapMs = 60_000;

/** Name of the pick-up column of tables made with `flag`. */
export const flagColumn = 'picked_up';
