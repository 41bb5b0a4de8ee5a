import { isQianzhiError } from '@qianzhi/model';
import type {
  EachLimits,
  OpenQuery,
  PluginContext,
  QueryLimits,
  QueryRows,
  QuerySpec,
  RowRejection,
} from '@qianzhi/plugin-api';
import type { RowWriter } from '@qianzhi/rows';
import {
  type Asked,
  answering,
  askedFor,
  collectAnswer,
  collectEach,
  inStretches,
  queryErrors,
} from '@qianzhi/sql-kit';
import pg from 'pg';
import type { PostgresConfig } from '../config.js';
import { serverName, throwIfAborted } from '../connection/classify.js';
import { GRACE_MS, openSession, type Session } from '../connection/session.js';
import type { Projection } from '../source/projection.js';
import { lookupOf, type Question, statementOf } from './question.js';

/**
 * Prepares a question in a session of its own that refuses every write. Rows come one by one as PostgreSQL prints them; leaving them,
 * or an abort, cancels the statement in the server.
 */
export async function openQuery(
  config: PostgresConfig,
  spec: QuerySpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<OpenQuery> {
  const about = {
    doing: `query ${spec.resource.code}`,
    config: { ...config, statementTimeoutMs: spec.timeoutMs },
  };
  const session = await openSession(about, 'ask', signal);
  try {
    const question =
      spec.place.kind === 'lookup'
        ? await lookupOf(session, spec, spec.place, context.timeZone, signal)
        : await statementOf(session, spec, spec.place.statement, context.timeZone, signal);
    const all = spec.parameters.map((_, at) => at);
    const types = await prove(session, question.asked(all), signal);
    if (question.askedOfMany && all.length > 0)
      await prove(session, question.askedOfMany(all, types), signal);
    return queryOf(session, question, spec, types);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The server looks at the whole statement and plans it; it reads no row. Answers the types of its places. */
async function prove(session: Session, { sql }: Asked, signal: AbortSignal): Promise<readonly string[]> {
  try {
    await session.query(`PREPARE qianzhi_proof AS ${sql}`, [], signal);
    const { rows } = await session.query(
      `SELECT unnest(parameter_types)::text AS type FROM pg_catalog.pg_prepared_statements WHERE name = 'qianzhi_proof'`,
      [],
      signal,
    );
    await session.query('DEALLOCATE qianzhi_proof', [], signal);
    return rows.map(({ type }) => type!);
  } catch (error) {
    throw refused(session, error);
  }
}

/** What is wrong with the statement itself, and not with server or line. */
export function refused(session: Session, error: unknown): unknown {
  const isStatement = isQianzhiError(error) && ['internal', 'unavailable', 'config'].includes(error.kind);
  const reason = isStatement ? String(error.details['reason'] ?? '') : '';
  if (!/^(42|22|0A|2F|permission)/.test(reason)) return error;
  return queryErrors.STATEMENT_REFUSED({ server: serverName(session.config), reason }, error);
}

function queryOf(session: Session, question: Question, spec: QuerySpec, types: readonly string[]): OpenQuery {
  const { about } = session;
  const { projection } = question;
  const names = new Map<string, string>();
  const asked = askedFor((given) => question.asked(given));
  const askedOfMany = askedFor((given) => question.askedOfMany!(given, types));
  const checksText = session.encoding !== 'SQL_ASCII';

  function configOf({ sql }: Asked, values: readonly unknown[]): pg.QueryArrayConfig {
    const name = names.get(sql) ?? `qianzhi_${names.size}`;
    names.set(sql, name);
    return { name, text: sql, values: [...values], rowMode: 'array' };
  }

  function during<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfAborted(about.doing, signal);
    return session.during(work, signal, spec.timeoutMs + GRACE_MS);
  }

  async function run(values: Values, limits: QueryLimits, signal: AbortSignal) {
    const wanted = asked(values);
    const collector = collectAnswer(limits);
    const config = configOf(wanted, [...wanted.places.map((at) => values[at] ?? null), limits.maxRows + 1]);
    const take = (row: Values) =>
      collector.row((writer, at) => writeRow(writer, row, projection, checksText, at));
    await during(() => collect(session, config, take, collector), signal);
    return collector.rows();
  }

  /** One statement finds the rows of all sets. */
  async function together(sets: readonly Values[], limits: EachLimits, signal: AbortSignal) {
    const wanted = askedOfMany(sets[0]!);
    const collector = collectEach(sets.length, limits);
    const arrays = wanted.places.map((at) => sets.map((values) => values[at]!));
    const config = configOf(wanted, [...arrays, limits.maxRows + 1]);
    const take = ([nth, ...row]: Values) =>
      collector.row(Number(nth) - 1, (writer, at) => writeRow(writer, row, projection, checksText, at));
    await during(() => collect(session, config, take, collector), signal);
    return collector.rows();
  }

  /** All are sent before the first is answered. */
  async function pipelined(sets: readonly Values[], limits: EachLimits, signal: AbortSignal) {
    const collector = collectEach(sets.length, limits);
    const wanted = asked(sets[0]!);
    const send = (values: Values, set: number) => {
      const config = configOf(wanted, [...wanted.places.map((at) => values[at] ?? null), limits.maxRows + 1]);
      const take = (row: Values) =>
        collector.row(set, (writer, at) => writeRow(writer, row, projection, checksText, at));
      return collect(session, config, take, collector);
    };
    await during(() => Promise.all(sets.map(send)), signal);
    return collector.rows();
  }

  function runEach(sets: readonly Values[], limits: EachLimits, signal: AbortSignal) {
    return inStretches(
      sets,
      limits,
      (count) => count,
      (stretch, left) => {
        const isOne = question.askedOfMany && stretch[0]!.some((value) => value !== null);
        return isOne ? together(stretch, left, signal) : pipelined(stretch, left, signal);
      },
    );
  }

  return answering(session, serverName(session.config), spec, { run, runEach });
}

type Values = readonly (string | null)[];

/** Resolves with the last row that is wanted; what the server would send beyond the bytes is cancelled. */
function collect(
  session: Session,
  config: pg.QueryArrayConfig,
  take: (row: Values) => boolean,
  collector: { readonly over: QueryRows['stoppedBy'] },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query<(string | null)[]>(config);
    let over = false;
    query.on('row', (row) => {
      if (over) return;
      over = !take(row as unknown as Values);
      if (over && collector.over === 'bytes') session.abandon();
      if (over) resolve();
    });
    query.on('end', () => resolve());
    query.on('error', (error) => (over ? resolve() : reject(error)));
    session.client.query(query);
  });
}

function writeRow(
  writer: RowWriter,
  values: readonly (string | null)[],
  { items, respells }: Projection,
  checksText: boolean,
  row: number,
): RowRejection | undefined {
  const bad = checksText ? -1 : values.findIndex((value) => value?.includes('\ufffd'));
  if (bad >= 0)
    return { row, op: 'S', item: items[bad]!.item.column, reason: 'invalid-utf8', bytes: new Uint8Array() };
  writer.begin('S');
  values.forEach((value, at) => {
    const respell = respells?.[at];
    writer.text(value !== null && respell ? respell(value) : value);
  });
  writer.end();
  return undefined;
}
