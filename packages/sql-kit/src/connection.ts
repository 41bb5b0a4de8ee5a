import { checkShape } from '@qianzhi/model';
import type { CheckReport, Connection, PluginContext, SourceSpec } from '@qianzhi/plugin-api';
import { dialectCapture } from './capture/dialect-capture.js';
import type { SqlSession } from './database/session.js';
import { describeTable } from './database/table.js';
import { dialectExchangeDb } from './exchange-db/dialect-exchange-db.js';
import { openSqlQuery } from './query/sql-query.js';
import { openReadBack } from './read-back.js';
import { openSqlSource, type SqlSourceOrigin } from './reading/source.js';
import { SqlTargetSchema } from './schemas.js';
import { openSqlSink } from './writing/sink.js';
import { trySqlTarget } from './writing/try-target.js';
import type { SqlSinkOrigin } from './writing/wanted.js';

/** What a connector brings: its dialect, its sessions and what `check` looks at. */
export interface SqlOrigin extends SqlSourceOrigin, SqlSinkOrigin {
  /** As in what is read back; default false. */
  readonly emptyIsNull?: boolean;
  check(session: SqlSession, signal: AbortSignal): Promise<CheckReport>;
}

/** A connection to one database. Each source, each sink and each question has a session of its own; nothing stays open between. */
export function openSqlConnection(origin: SqlOrigin, context: PluginContext): Connection {
  const { dialect, schema } = origin;
  const capture = dialectCapture(origin, context);
  const exchangeDb = dialectExchangeDb(origin);
  async function looking<T>(
    doing: string,
    signal: AbortSignal,
    look: (session: SqlSession) => Promise<T>,
  ): Promise<T> {
    const session = await origin.connect('read', doing, signal);
    try {
      return await look(session);
    } finally {
      await session[Symbol.asyncDispose]();
    }
  }
  return {
    check: (signal) => looking('check', signal, (session) => origin.check(session, signal)),
    discover: (filter, signal) =>
      looking('discover', signal, async (session) => {
        const wanted = schema === undefined ? filter : { schema, ...filter };
        return (await dialect.discover(session, wanted, signal)).map(describeTable);
      }),
    source: (spec, signal) => openSqlSource(origin, spec, context, signal),
    sink: (spec, signal) => openSqlSink(origin, spec, context, signal),
    async readBack({ target, resource, delivery }, signal) {
      const wanted = checkShape(SqlTargetSchema, structuredClone(target), 'target');
      // where the sink has it
      const schema = wanted.schema === undefined ? {} : { schema: origin.dialect.newName(wanted.schema) };
      const open = ({ source, ...spec }: SourceSpec) =>
        openSqlSource(origin, { ...spec, source: { ...(source as object), ...schema } }, context, signal);
      const opened = await openReadBack(wanted, resource, delivery, open);
      return { ...opened, emptyIsNull: origin.emptyIsNull ?? false };
    },
    query: (spec, signal) => openSqlQuery(origin, spec, context, signal),
    tryTarget: (spec, signal) => trySqlTarget(origin, spec, context, signal),
    ...(capture && { capture }),
    ...(exchangeDb && { exchangeDb }),
    async [Symbol.asyncDispose]() {},
  };
}
