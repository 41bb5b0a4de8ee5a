import { isQianzhiError } from '@qianzhi/model';
import type {
  EachLimits,
  OpenQuery,
  PluginContext,
  QueryLimits,
  QuerySpec,
  RowRejection,
} from '@qianzhi/plugin-api';
import type { RowWriter } from '@qianzhi/rows';
import {
  type Asked,
  answering,
  askedFor,
  branchesFor,
  collectAnswer,
  collectEach,
  inStretches,
  queryErrors,
} from '@qianzhi/sql-kit';
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

  async function rowsOf(sql: string, values: Values, places: readonly number[], signal: AbortSignal) {
    throwIfAborted(about.doing, signal);
    const binds = places.map((at) => values[at] ?? null);
    const work = () => executed(session.client, sql, binds);
    return (await session.during(work, signal, spec.timeoutMs + GRACE_MS)).rows;
  }

  async function run(values: Values, limits: QueryLimits, signal: AbortSignal) {
    const { sql, places }: Asked = asked(values);
    const collector = collectAnswer(limits);
    for (const cells of await rowsOf(limited(sql, limits), values, places, signal)) {
      if (!collector.row((writer, row) => writeRow(writer, cells, projection, row))) break;
    }
    return collector.rows();
  }

  /** One statement for all sets, a branch for each. */
  async function together(sets: readonly Values[], limits: EachLimits, signal: AbortSignal) {
    const { places } = asked(sets[0]!);
    const given = sets[0]!.flatMap((value, at) => (value === null ? [] : [at]));
    const branches = sets.map((_, set) => `(${limited(question.asked(given, `'${set}', `).sql, limits)})`);
    const every = sets.flatMap((_, set) => places.map((at) => set * spec.parameters.length + at));
    const rows = await rowsOf(branches.join(' UNION ALL '), sets.flat(), every, signal);
    const collector = collectEach(sets.length, limits);
    const bySet = rows.map(([set, ...cells]) => ({ set: Number(set), cells })).sort((a, b) => a.set - b.set);
    for (const { set, cells } of bySet) {
      if (!collector.row(set, (writer, row) => writeRow(writer, cells, projection, row)) && collector.over)
        break;
    }
    return collector.rows();
  }

  const runEach: OpenQuery['runEach'] = (sets, limits, signal) =>
    inStretches(sets, limits, branchesFor, (stretch, left) => together(stretch, left, signal));

  return answering(session, serverName(session.config), spec, { run, runEach });
}

type Values = readonly (string | null)[];

/** Our own number: a bound place takes no integer everywhere. */
const limited = (sql: string, { maxRows }: QueryLimits) => `${sql} LIMIT ${Math.trunc(maxRows) + 1}`;

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
