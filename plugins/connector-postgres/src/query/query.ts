import { isQianzhiError } from '@qianzhi/model';
import type { OpenQuery, PluginContext, QueryLimits, QuerySpec, RowRejection } from '@qianzhi/plugin-api';
import type { RowWriter } from '@qianzhi/rows';
import {
  type AnswerCollector,
  type Asked,
  answering,
  askedFor,
  collectAnswer,
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
  const session = await openSession(about, 'read', signal);
  try {
    const question =
      spec.place.kind === 'lookup'
        ? await lookupOf(session, spec, spec.place, context.timeZone, signal)
        : await statementOf(session, spec, spec.place.statement, context.timeZone, signal);
    await prove(session, question, spec, signal);
    return queryOf(session, question, spec);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The server looks at the whole statement and plans it; it reads no row. */
async function prove(
  session: Session,
  question: Question,
  spec: QuerySpec,
  signal: AbortSignal,
): Promise<void> {
  const asked = question.asked(spec.parameters.map((_, at) => at));
  try {
    await session.query(`PREPARE qianzhi_proof AS ${asked.sql}`, [], signal);
    await session.query('DEALLOCATE qianzhi_proof', [], signal);
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

function queryOf(session: Session, question: Question, spec: QuerySpec): OpenQuery {
  const { about } = session;
  const names = new Map<string, string>();
  const asked = askedFor((given) => question.asked(given));

  function nameOf({ sql }: Asked): string {
    const known = names.get(sql) ?? `qianzhi_${names.size}`;
    names.set(sql, known);
    return known;
  }

  async function run(values: readonly (string | null)[], limits: QueryLimits, signal: AbortSignal) {
    throwIfAborted(about.doing, signal);
    const wanted = asked(values);
    const collector = collectAnswer(limits);
    const config = {
      name: nameOf(wanted),
      text: wanted.sql,
      values: [...wanted.places.map((at) => values[at] ?? null), limits.maxRows + 1],
      rowMode: 'array' as const,
    };
    await session.during(
      () => collect(session, config, collector, question.projection),
      signal,
      spec.timeoutMs + GRACE_MS,
    );
    return collector.rows();
  }

  return answering(session, serverName(session.config), spec, run);
}

/** Resolves with the last row that is wanted; what the server would send beyond the bytes is cancelled. */
function collect(
  session: Session,
  config: pg.QueryArrayConfig,
  collector: AnswerCollector,
  projection: Projection,
): Promise<void> {
  const checksText = session.encoding !== 'SQL_ASCII';
  return new Promise((resolve, reject) => {
    const query = new pg.Query<(string | null)[]>(config);
    let over = false;
    query.on('row', (row) => {
      if (over) return;
      const values = row as unknown as (string | null)[];
      over = !collector.row((writer, at) => writeRow(writer, values, projection, checksText, at));
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
