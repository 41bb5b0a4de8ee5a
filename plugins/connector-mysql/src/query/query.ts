import { isQianzhiError } from '@qianzhi/model';
import type { OpenQuery, PluginContext, QueryLimits, QuerySpec, RowRejection } from '@qianzhi/plugin-api';
import type { RowWriter } from '@qianzhi/rows';
import { type Asked, answering, askedFor, collectAnswer, queryErrors } from '@qianzhi/sql-kit';
import type { FieldPacket } from 'mysql2';
import type { MysqlConfig } from '../config.js';
import { type Doing, serverName, throwIfAborted } from '../connection/classify.js';
import { GRACE_MS, openSession, type Session } from '../connection/session.js';
import { expressionsOf, type Projection } from '../source/projection.js';
import { writeValue } from '../source/row-encoder.js';
import { executed, prepared } from './execute.js';
import { lookupOf, type Question, statementOf } from './question.js';

/**
 * Prepares a question in a session of its own whose transactions are read-only, by the server's prepared statements: values travel
 * apart from the statement. An abort kills the session in the server.
 */
export async function openQuery(
  config: MysqlConfig,
  spec: QuerySpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<OpenQuery> {
  const about: Doing = {
    doing: `query ${spec.resource.code}`,
    config: { ...config, statementTimeoutMs: spec.timeoutMs },
  };
  const session = await openSession(about, 'read', signal);
  try {
    const question =
      spec.place.kind === 'lookup'
        ? await lookupOf(session, spec, spec.place, context.timeZone, signal)
        : await statementOf(session, spec, spec.place.statement, context.timeZone, signal);
    const { sql } = question.asked(spec.parameters.map((_, at) => at));
    await proved(session, `${sql} LIMIT 0`, signal);
    return queryOf(session, question, spec);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The server looks at the whole statement and runs nothing of it; answers the columns that it would give. */
export function proved(session: Session, sql: string, signal: AbortSignal): Promise<readonly FieldPacket[]> {
  return session
    .during(() => prepared(session.client, sql), signal)
    .catch((error) => {
      const isStatement =
        isQianzhiError(error) && ['internal', 'config', 'unavailable', 'data'].includes(error.kind);
      const reason = isStatement ? String(error.details['reason'] ?? error.code) : '';
      if (!/^(1[01]|13|42)\d+/.test(reason) && !/^ER_/.test(reason)) throw error;
      throw queryErrors.STATEMENT_REFUSED({ server: serverName(session.config), reason }, error);
    });
}

function queryOf(session: Session, question: Question, spec: QuerySpec): OpenQuery {
  const { about } = session;
  const { projection } = question;
  const asked = askedFor((given) => question.asked(given));

  async function run(values: readonly (string | null)[], limits: QueryLimits, signal: AbortSignal) {
    throwIfAborted(about.doing, signal);
    const { sql, places }: Asked = asked(values);
    const binds = places.map((at) => values[at] ?? null);
    // our own number: a bound place takes no integer everywhere
    const limited = `${sql} LIMIT ${Math.trunc(limits.maxRows) + 1}`;
    const { rows } = await session.during(
      () => executed(session.client, limited, binds),
      signal,
      spec.timeoutMs + GRACE_MS,
    );
    const collector = collectAnswer(limits);
    for (const cells of rows) {
      if (!collector.row((writer, row) => writeRow(writer, cells, projection, row))) break;
    }
    return collector.rows();
  }

  return answering(session, serverName(session.config), spec, run);
}

const ONE = 49;

/** The first cell says of 1 that the row is too large. */
function writeRow(
  writer: RowWriter,
  [large, ...cells]: readonly (Buffer | null)[],
  projection: Projection,
  row: number,
): RowRejection | undefined {
  if (large?.[0] === ONE)
    return { row, op: 'S', item: '*', reason: 'row-too-large', bytes: new Uint8Array() };
  writer.begin('S');
  expressionsOf(projection).forEach(({ spelling }, at) => {
    const cell = cells[at] ?? null;
    if (cell === null) writer.null();
    else writeValue(writer, spelling, cell, 0, cell.length);
  });
  writer.end();
  return undefined;
}
