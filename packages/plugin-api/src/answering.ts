import type { CatalogResource, Grant, LocalQuery, QueryRequest, StoppedBy } from '@qianzhi/model';
import type { OpenQuery, QuerySpec } from './query.js';

/** What this agent knows of itself and its orders when a request comes, apart from the request. */
export interface AnsweringFacts {
  readonly agent: string;
  readonly department: string;
  /** The connection that the request came by. */
  readonly tunnel: string;
  /** The resource as this agent is ordered to supply it; undefined where it is not. */
  readonly resource: CatalogResource | undefined;
  /** How the config answers it; undefined where it does not. */
  readonly local: LocalQuery | undefined;
  readonly now: Date;
}

/** What a connection is asked to prepare; requests of equal `key` share prepared ones. */
export interface PreparedQuery {
  readonly spec: QuerySpec;
  readonly key: string;
}

/** A request that may be answered. */
export interface AcceptedQuery extends PreparedQuery {
  readonly timeoutMs: number;
  /** The values it is asked with, by the spec's parameters in their order. */
  readonly sets: readonly (readonly (string | null)[])[];
}

/** Rows as they may leave: granted items only, masks applied. */
export interface AnswerRows {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly counts: readonly number[];
  readonly stoppedBy: StoppedBy | undefined;
  readonly rejected: number;
}

/** The provider's part of a mode that answers single requests: what may be answered, and how. Signatures are the agent's affair. */
export interface AnsweringMode {
  /** Throws coded errors for what is wrong in a config whatever the catalog says. Pure. */
  check(local: LocalQuery): void;
  /** The question as the config has it, to be prepared before anybody asks. Throws coded config errors. */
  prepare(local: LocalQuery, resource: CatalogResource): PreparedQuery;
  /**
   * Judges a request whose signatures were found right, with the grant that it names. Throws a coded error where anything of it is
   * not this agent's to answer.
   */
  accept(request: QueryRequest, grant: Grant, facts: AnsweringFacts): AcceptedQuery;
  /** Runs it. `rows` and bytes never pass the request's bounds. */
  answer(
    request: QueryRequest,
    grant: Grant,
    accepted: AcceptedQuery,
    query: OpenQuery,
    signal: AbortSignal,
  ): Promise<AnswerRows>;
}
