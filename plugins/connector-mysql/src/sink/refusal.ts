import type { RangeFailure, Refusal } from '@qianzhi/sql-kit';
import { errorNumber } from '../connection/classify.js';
import { GRACE_MS, type QueryResult, runQuery } from '../connection/session.js';
import type { Work } from './writing.js';

/** By error number: what is the row's own fault, or its table's rule about rows. */
const reasons: Readonly<Record<number, string>> = {
  1048: 'required',
  1364: 'required',
  1062: 'duplicate-key',
  1586: 'duplicate-key',
  1169: 'duplicate-key',
  1216: 'foreign-key',
  1217: 'foreign-key',
  1451: 'foreign-key',
  1452: 'foreign-key',
  1369: 'constraint',
  3819: 'constraint',
  4025: 'constraint',
  1406: 'too-long',
  1264: 'out-of-range',
  1690: 'out-of-range',
  1265: 'not-exact',
  1292: 'type',
  1366: 'type',
  1411: 'type',
  1367: 'type',
  3140: 'type',
  3156: 'type',
  1300: 'untranslatable',
  1977: 'untranslatable',
  3854: 'untranslatable',
  1118: 'row-too-large',
  1644: 'refused-by-trigger',
};

/** Warnings that say nothing of values: deprecated syntax or names, statements that a binary log cannot repeat. */
const ofStatements = new Set([1287, 1592, 1681, 3719, 3778, 3779]);

/** A statement's answer, or why a row of it was refused. */
export type Tried<T> = { readonly value: T } | { readonly failure: RangeFailure<Refusal> };

/** Runs one statement; its errors are the driver's own. A warning is a value that came otherwise than it was sent. */
export type RawQuery = (sql: string) => Promise<QueryResult>;

/** More than any attempt sends. */
const MOST_STATEMENTS = 6;

class Warned extends Error {
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/**
 * Runs statements whose rows may be refused. Call it behind a savepoint; after a failure only a rollback to it helps.
 * `itemOf` gives the item that fills a column. Errors that are no row's fault are thrown, classified.
 */
export function trying<T>(
  { session, signal }: Work,
  itemOf: ReadonlyMap<string, string>,
  work: (query: RawQuery) => Promise<T>,
): Promise<Tried<T>> {
  const query: RawQuery = async (sql) => {
    const answer = await runQuery(session.client, sql);
    if (answer.warnings === 0) return answer;
    const { rows } = await runQuery(session.client, 'SHOW WARNINGS');
    const found = rows.find((row) => !ofStatements.has(Number(row['Code'])));
    if (found) throw new Warned(Number(found['Code']), found['Message'] ?? '');
    return answer;
  };
  const tried = async (): Promise<Tried<T>> => {
    try {
      return { value: await work(query) };
    } catch (error) {
      const reason =
        error instanceof Warned ? (reasons[error.errno] ?? 'not-exact') : reasons[errorNumber(error)];
      if (reason === undefined) throw error;
      return { failure: failureOf(reason, (error as Error).message, itemOf) };
    }
  };
  return session.during(tried, signal, MOST_STATEMENTS * session.config.statementTimeoutMs + GRACE_MS);
}

function failureOf(
  reason: string,
  message: string,
  itemOf: ReadonlyMap<string, string>,
): RangeFailure<Refusal> {
  // "… for column `db`.`table`.`name` at row 17", "… for column 'name' at row 17", "Column 'name' cannot be null"
  const place = /column (?:`.*`\.`.*`\.`(.*)`|'(.*?)')(?: at row (\d+))?/i.exec(message);
  const row = / at row (\d+)$/.exec(message)?.[1];
  const column = (place?.[1] ?? place?.[2])?.replaceAll('``', '`');
  const item = (column === undefined ? undefined : itemOf.get(column)) ?? '*';
  return { refusal: { item, reason }, row: row === undefined ? undefined : Number(row) - 1 };
}
