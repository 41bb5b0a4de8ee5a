import type { CheckReport, Connection, PluginContext } from '@qianzhi/plugin-api';
import { dialectCapture } from './capture/dialect-capture.js';
import type { SqlSession } from './database/session.js';
import { describeTable } from './database/table.js';
import { openSqlSource, type SqlSourceOrigin } from './reading/source.js';
import { openSqlSink, type SqlSinkOrigin } from './writing/sink.js';

/** What a connector brings: its dialect, its sessions and what `check` looks at. */
export interface SqlOrigin extends SqlSourceOrigin, SqlSinkOrigin {
  check(session: SqlSession, signal: AbortSignal): Promise<CheckReport>;
}

/** A connection to one database. Each source, each sink and each question has a session of its own; nothing stays open between. */
export function openSqlConnection(origin: SqlOrigin, context: PluginContext): Connection {
  const { dialect, schema } = origin;
  const capture = dialectCapture(origin, context);
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
    ...(capture && { capture }),
    async [Symbol.asyncDispose]() {},
  };
}
