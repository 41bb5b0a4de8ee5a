import type { CatalogResource, LocalText } from '@qianzhi/model';

/** What of a 前置库 (交换信息库) is for a resource: what the department writes, or what it is given to read. */
export interface ExchangeTablesSpec {
  readonly resource: CatalogResource;
  /** `out`: the department's systems write, the agent picks up; `in`: the agent delivers, the department's systems read. */
  readonly side: 'out' | 'in';
}

export interface ExchangeTables {
  /** Tables and views that the statements make: none of them may be there before. */
  readonly tables: readonly string[];
  /** In their order, each without its end, and what it is for. */
  readonly statements: readonly { readonly about: LocalText; readonly sql: string }[];
  /**
   * What the department's systems need to write or read them, to be run for their own logins: statements without the `TO …` at their
   * end. Empty where a database has no grants.
   */
  readonly grants: readonly string[];
  /** Ends a statement when a client of the database runs the plan: a line of its own, or a semicolon behind it unless told. */
  readonly terminator?: string;
  /** `source` (to be read by change-table) or `target` of the exchange over these tables. */
  readonly place: Readonly<Record<string, unknown>>;
}

/** Makes the tables between a department's systems and the agent in its database. */
export interface ExchangeDb {
  /** Pure: touches no database. */
  plan(spec: ExchangeTablesSpec): ExchangeTables;
  /** Runs statements of `plan`: all or none where DDL is part of a transaction. Throws coded errors of the connector. */
  create(statements: readonly string[], signal: AbortSignal): Promise<void>;
}
