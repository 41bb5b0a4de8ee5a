import type { RangeFailure, Refusal } from '@qianzhi/sql-kit';
import type pg from 'pg';
import { sqlState } from '../connection/classify.js';
import { GRACE_MS, type QueryResult, type Session, type TextRow } from '../connection/session.js';

/** By SQLSTATE or its class: what is the row's own fault, or its table's rule about rows. */
const reasons: Readonly<Record<string, string>> = {
  '23502': 'required',
  '23505': 'duplicate-key',
  '21000': 'duplicate-key',
  '23503': 'foreign-key',
  '23': 'constraint',
  '44000': 'constraint',
  '22001': 'too-long',
  '22003': 'out-of-range',
  '22007': 'type',
  '22008': 'no-such-date',
  '22P05': 'untranslatable',
  '22021': 'untranslatable',
  '22': 'type',
  '54000': 'row-too-large',
  P0: 'refused-by-trigger',
  '38': 'refused-by-trigger',
};

/** Undefined for what is no row's fault. */
export function reasonOf(state: string): string | undefined {
  return reasons[state] ?? reasons[state.slice(0, 2)];
}

/** What of a server's error may be looked at; its message quotes row values. */
interface ServerError {
  readonly column?: string;
  readonly where?: string;
}

/** A statement's answer, or why a row of it was refused. */
export type Tried<T> = { readonly value: T } | { readonly failure: RangeFailure<Refusal> };

/** Runs one statement without values; its errors are the driver's own. */
export type RawQuery = (sql: string) => Promise<QueryResult>;

/** More than any attempt sends. */
const MOST_STATEMENTS = 7;

/**
 * Runs statements whose rows may be refused. Call it behind a savepoint; after a failure only a rollback to it helps.
 * `itemOf` gives the item that fills a column. Errors that are no row's fault are thrown, classified.
 */
export function trying<T>(
  session: Session,
  itemOf: ReadonlyMap<string, string>,
  work: (query: RawQuery) => Promise<T>,
  signal: AbortSignal,
): Promise<Tried<T>> {
  const query: RawQuery = async (sql) => {
    const { rows, rowCount } = await session.client.query<TextRow>(sql);
    return { rows, count: rowCount ?? 0 };
  };
  const tried = async (): Promise<Tried<T>> => {
    try {
      return { value: await work(query) };
    } catch (error) {
      const reason = reasonOf(sqlState(error));
      if (reason === undefined) throw error;
      return { failure: failureOf(error as ServerError, reason, itemOf) };
    }
  };
  return session.during(tried, signal, MOST_STATEMENTS * session.config.statementTimeoutMs + GRACE_MS);
}

/** A statement that the session prepared is gone, or no longer fits what it is about. */
const OUTDATED = /^(?:26|42|0A)/;

/**
 * Runs statements in one round trip and answers the first row of each. Undefined where a row was refused or a prepared statement is
 * outdated; other errors are thrown, classified.
 */
export function tryAll(
  session: Session,
  sql: string,
  signal: AbortSignal,
): Promise<readonly (TextRow | undefined)[] | undefined> {
  const tried = async () => {
    try {
      const results = (await session.client.query<TextRow>(
        sql,
      )) as unknown as readonly pg.QueryResult<TextRow>[];
      return results.map(({ rows }) => rows[0]);
    } catch (error) {
      const state = sqlState(error);
      if (reasonOf(state) === undefined && !OUTDATED.test(state)) throw error;
      return undefined;
    }
  };
  return session.during(tried, signal, session.config.statementTimeoutMs + GRACE_MS);
}

function failureOf(
  { column, where }: ServerError,
  reason: string,
  itemOf: ReadonlyMap<string, string>,
): RangeFailure<Refusal> {
  // `COPY qianzhi_…, line 17, column name: "…"`, in the server's language
  const place = /^COPY (?:"[^"]*"|[^\s,]+), \D*(\d+)(?:, \S+ (.*?): "|)/s.exec(where ?? '');
  const name = column ?? place?.[2];
  const item = (name === undefined ? undefined : itemOf.get(name)) ?? '*';
  return { refusal: { item, reason }, row: place ? Number(place[1]) - 1 : undefined };
}
